import { type GalleryOperation, type GalleryPerson, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { GalleryContentRepository } from '../gallery/gallery-content.repository.ts';
import type { GroupHead } from '../gallery/gallery-log.repository.ts';
import { GalleryLog } from '../gallery/gallery-log.ts';
import { PersonRepository, type PersonWithGroups } from './person.repository.ts';

/** A person's memberships before and after a change. */
export interface Move {
  readonly person: GalleryPerson;
  /** Whether the person's row changed. */
  readonly changed: boolean;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Writes people and what becomes of them into the galleries that they are in, rows and log together. */
@Injectable()
export class PersonGallery {
  constructor(
    @Inject(GalleryLog) private readonly log: GalleryLog,
    @Inject(GalleryContentRepository) private readonly content: GalleryContentRepository,
    @Inject(PersonRepository) private readonly people: PersonRepository,
  ) {}

  /** A person, locked until the transaction ends, before any of the methods below. @throws LatchkeyError `not-found`. */
  async lock(sql: Sql, personId: string): Promise<PersonWithGroups> {
    const person = await this.people.lock(sql, personId);
    if (!person) throw noSuchPerson(personId);
    return person;
  }

  /** As {@link lock}; and no event that names the person is written until the transaction ends. */
  async lockToErase(sql: Sql, personId: string): Promise<PersonWithGroups> {
    const person = await this.people.lockToErase(sql, personId);
    if (!person) throw noSuchPerson(personId);
    return person;
  }

  /**
   * Makes a person a member of exactly the groups of `to`.
   * @throws LatchkeyError `not-found` when one of the groups does not exist.
   */
  async move(sql: Sql, { person, changed, from, to }: Move): Promise<void> {
    const groups = await this.log.lock(sql, [...new Set([...from, ...to])]);
    const joined = to.filter((id) => !from.includes(id));
    const left = from.filter((id) => !to.includes(id));
    if (changed) await this.people.update(sql, person);
    if (joined.length > 0) await this.people.join(sql, person.personId, joined);
    if (left.length > 0) await this.people.leave(sql, person.personId, left);
    const encodings = joined.length > 0 ? await this.content.encodingsOfPerson(sql, person.personId) : [];
    for (const group of groups) {
      if (left.includes(group.groupId)) {
        await this.log.append(sql, group, [{ op: 'remove-person', personId: person.personId }]);
      } else if (joined.includes(group.groupId)) {
        const own = encodings.filter(({ modelId }) => modelId === group.modelId);
        await this.log.append(sql, group, [
          upsertPerson(person),
          ...own.map((encoding): GalleryOperation => ({ op: 'upsert-encoding', ...encoding })),
        ]);
      } else if (changed) {
        await this.log.append(sql, group, [upsertPerson(person)]);
      }
    }
  }

  /**
   * Logs a change of a locked person's encodings in all of their groups.
   * @param write changes the rows; runs with the groups locked.
   * @param operations what that means for a group.
   */
  async changeEncodings(
    sql: Sql,
    person: PersonWithGroups,
    write: () => Promise<void>,
    operations: (group: GroupHead) => readonly GalleryOperation[],
  ): Promise<void> {
    const groups = await this.log.lock(sql, person.groupIds);
    await write();
    await this.people.touch(sql, person.personId);
    for (const group of groups) await this.log.append(sql, group, operations(group));
  }

  /**
   * Takes a locked person out of all galleries and out of their history.
   * @param erase deletes the rows; runs with the groups locked.
   */
  async erase(sql: Sql, person: PersonWithGroups, erase: () => Promise<void>): Promise<void> {
    const groups = await this.log.lock(sql, person.groupIds);
    await erase();
    for (const group of groups) {
      await this.log.append(sql, group, [{ op: 'remove-person', personId: person.personId }]);
    }
    await this.log.scrub(sql, person.personId);
  }
}

/** The error for a person who is not there, or no longer. */
export function noSuchPerson(id: string): LatchkeyError {
  return new LatchkeyError('not-found', `There is no person ${id}; they may have been deleted.`);
}

function upsertPerson({ personId, name, always, access }: GalleryPerson): GalleryOperation {
  return access
    ? { op: 'upsert-person', personId, name, always, access }
    : { op: 'upsert-person', personId, name, always };
}

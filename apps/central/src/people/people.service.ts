import type { CreatePersonRequest, PeopleQuery, PersonView, Role, UpdatePersonRequest } from '@latchkey/contracts';
import { carriedAccess, freeAccess, type GalleryPerson, LatchkeyError, personRowHash } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { mayKnowOfDuress } from '../auth/silent-alarms.ts';
import { Database, type Sql } from '../database/database.ts';
import { ChangePublication } from '../gallery/change-publication.ts';
import { defaultGroupId, GroupsService } from '../groups/groups.service.ts';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { newId } from '../runtime/new-id.ts';
import { peopleCursor } from './people.dto.ts';
import { PersonRepository } from './person.repository.ts';
import { noSuchPerson, PersonGallery } from './person-gallery.ts';

/** People: who they are and which groups they are in. */
@Injectable()
export class PeopleService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PersonRepository) private readonly people: PersonRepository,
    @Inject(PersonGallery) private readonly gallery: PersonGallery,
    @Inject(ChangePublication) private readonly publication: ChangePublication,
    @Inject(GroupsService) private readonly groups: GroupsService,
  ) {}

  /** People by name. */
  async list({ limit, cursor, search, groupId, scheduleId }: PeopleQuery, reader: Role): Promise<Page<PersonView>> {
    const rows = await this.people.list(this.database, {
      search: search ?? null,
      groupId: groupId ?? null,
      scheduleId: scheduleId ?? null,
      after: decodeCursor(peopleCursor, cursor),
      limit: limit + 1,
    });
    const { items, nextCursor } = pageOf(rows, limit, ({ sortName, view }) => ({ sortName, id: view.id }));
    return { items: items.map(({ view }) => viewFor(reader, view)), nextCursor };
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string, reader: Role): Promise<PersonView> {
    const person = await this.people.find(this.database, id);
    if (!person) throw noSuchPerson(id);
    return viewFor(reader, person);
  }

  /**
   * Adds a person.
   * @throws LatchkeyError `not-found` when one of the groups or the schedule does not exist, `invalid-input` for a right to enter
   * that ends before it begins.
   */
  async create({ name, always = false, access, groupIds }: CreatePersonRequest, reader: Role): Promise<PersonView> {
    if (groupIds === undefined) await this.groups.ensureDefault();
    const person = { personId: newId(), name, always, access: carriedAccess({ ...freeAccess, ...access }) };
    const to = [...new Set(groupIds ?? [defaultGroupId])];
    await this.database.transaction(async (sql) => {
      await this.#assertAccess(sql, person);
      await this.people.insert(sql, person);
      await this.gallery.move(sql, { person, changed: false, from: [], to });
    });
    void this.publication.flush();
    return this.get(person.personId, reader);
  }

  /**
   * Changes what is given.
   * @throws LatchkeyError `not-found` for the person, one of the groups or the schedule; `invalid-input` as {@link create}.
   */
  async update(id: string, request: UpdatePersonRequest, reader: Role): Promise<PersonView> {
    await this.database.transaction(async (sql) => {
      const before = await this.gallery.lock(sql, id);
      const { name = before.name, always = before.always, groupIds = before.groupIds } = request;
      const access = carriedAccess({ ...freeAccess, ...before.access, ...request.access });
      const person = { personId: id, name, always, access };
      const changed = personRowHash(person) !== personRowHash(before);
      if (changed) await this.#assertAccess(sql, person);
      const to = [...new Set(groupIds)];
      await this.gallery.move(sql, { person, changed, from: before.groupIds, to });
      await this.people.touch(sql, id);
    });
    void this.publication.flush();
    return this.get(id, reader);
  }

  async #assertAccess(sql: Sql, { access = freeAccess }: GalleryPerson): Promise<void> {
    const { scheduleId, validFrom, validUntil } = access;
    if (validFrom !== null && validUntil !== null && validUntil <= validFrom) {
      throw new LatchkeyError('invalid-input', 'The right to enter ends before it begins; change one of the dates.');
    }
    if (scheduleId !== null && !(await this.people.hasSchedule(sql, scheduleId))) {
      throw new LatchkeyError('not-found', `There is no schedule "${scheduleId}"; make it first.`);
    }
  }
}

/** A person as an account of a role is shown them: who may not know of silent alarms sees nobody who raises one. */
function viewFor(reader: Role, person: PersonView): PersonView {
  return mayKnowOfDuress(reader) ? person : { ...person, access: { ...person.access, duress: false } };
}

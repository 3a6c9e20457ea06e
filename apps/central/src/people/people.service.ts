import type { CreatePersonRequest, PeopleQuery, PersonView, UpdatePersonRequest } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
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
  async list({ limit, cursor, search, groupId }: PeopleQuery): Promise<Page<PersonView>> {
    const rows = await this.people.list(this.database, {
      search: search ?? null,
      groupId: groupId ?? null,
      after: decodeCursor(peopleCursor, cursor),
      limit: limit + 1,
    });
    const { items, nextCursor } = pageOf(rows, limit, ({ sortName, view }) => ({ sortName, id: view.id }));
    return { items: items.map(({ view }) => view), nextCursor };
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<PersonView> {
    const person = await this.people.find(this.database, id);
    if (!person) throw noSuchPerson(id);
    return person;
  }

  /** Adds a person. @throws LatchkeyError `not-found` when one of the groups does not exist. */
  async create({ name, always = false, groupIds }: CreatePersonRequest): Promise<PersonView> {
    if (groupIds === undefined) await this.groups.ensureDefault();
    const person = { personId: newId(), name, always };
    const to = [...new Set(groupIds ?? [defaultGroupId])];
    await this.database.transaction(async (sql) => {
      await this.people.insert(sql, person);
      await this.gallery.move(sql, { person, changed: false, from: [], to });
    });
    void this.publication.flush();
    return this.get(person.personId);
  }

  /** Changes what is given. @throws LatchkeyError `not-found` for the person or one of the groups. */
  async update(id: string, request: UpdatePersonRequest): Promise<PersonView> {
    await this.database.transaction(async (sql) => {
      const before = await this.gallery.lock(sql, id);
      const { name = before.name, always = before.always, groupIds = before.groupIds } = request;
      const changed = name !== before.name || always !== before.always;
      const to = [...new Set(groupIds)];
      await this.gallery.move(sql, { person: { personId: id, name, always }, changed, from: before.groupIds, to });
      await this.people.touch(sql, id);
    });
    void this.publication.flush();
    return this.get(id);
  }
}

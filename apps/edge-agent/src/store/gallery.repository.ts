import { personAccess } from '@latchkey/contracts';
import {
  carriedAccess,
  encodingFromBytes,
  encodingToBytes,
  type GalleryContent,
  type GalleryEncoding,
  type GalleryOperation,
  type GalleryPerson,
} from '@latchkey/domain';
import { integerOf, type LocalDatabase, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';
import { headColumns, headHash, type StoredHead, storedHead } from './stored-head.ts';

const hashRow = z.object({ row_hash: storedText.nullable() });
const personRow = z.object({
  person_id: storedText,
  name: storedText,
  always: z.number().int(),
  access: storedText.nullable(),
});
const encodingRow = z.object({
  encoding_id: storedText,
  person_id: storedText,
  model_id: storedText,
  bytes: z.instanceof(Uint8Array),
});
const personColumns = [...['person_id', 'name', 'access'].map(textOf), integerOf('always')].join(', ');
const encodingColumns = [...['encoding_id', 'person_id', 'model_id'].map(textOf), 'bytes'].join(', ');
const generationRow = z.object({ generation: z.number().int().nullable() });

/** A head as it was read. */
export interface ReadHead extends StoredHead {
  /** Whether it is what was written. */
  readonly intact: boolean;
}

/**
 * Galleries on disk. A group's rows belong to a generation, and the head says which one counts: a snapshot is written
 * beside the live rows in as many steps as it needs, and becomes the gallery by one row's change.
 */
export class GalleryRepository {
  private readonly database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.database = database;
  }

  /** The heads of all groups. @throws LatchkeyError `storage-corrupt` when one cannot be what was written. */
  heads(): ReadHead[] {
    const sql = `SELECT ${headColumns}, ${textOf('row_hash')} FROM gallery_head ORDER BY group_id`;
    return this.database.all(sql).map((row) => {
      const read = storedHead.and(hashRow).safeParse(row);
      if (!read.success) throw this.database.damaged('The head of a gallery cannot be read.', read.error);
      const { row_hash, ...head } = read.data;
      return { ...head, intact: row_hash === headHash(head) };
    });
  }

  /** The rows of one generation of a group. */
  content(groupId: string, generation: number): GalleryContent {
    const persons = new Map<string, GalleryPerson>();
    const encodings = new Map<string, GalleryEncoding>();
    const key = [groupId, generation];
    for (const row of this.database.all(
      `SELECT ${personColumns} FROM gallery_person WHERE group_id = ? AND generation = ?`,
      key,
    )) {
      const { person_id, name, always, access } = personRow.parse(row);
      const person = { personId: person_id, name, always: always === 1 };
      persons.set(person_id, access === null ? person : { ...person, access: personAccess.parse(JSON.parse(access)) });
    }
    for (const row of this.database.all(
      `SELECT ${encodingColumns} FROM gallery_encoding WHERE group_id = ? AND generation = ?`,
      key,
    )) {
      const { encoding_id, person_id, model_id, bytes } = encodingRow.parse(row);
      const values = encodingFromBytes(bytes);
      encodings.set(encoding_id, { encodingId: encoding_id, personId: person_id, modelId: model_id, values });
    }
    return { persons, encodings };
  }

  /** Applies operations to the live rows and moves the head, all or nothing. */
  apply(head: StoredHead, operations: readonly GalleryOperation[]): void {
    this.database.transaction(() => {
      for (const operation of operations) this.applyOne(head.groupId, head.generation, operation);
      this.writeHead(head);
    });
  }

  /** A generation of a group that has no rows yet. */
  newGeneration(groupId: string): number {
    const newest = (table: string) =>
      generationRow.parse(
        this.database.get(`SELECT max(generation) AS generation FROM ${table} WHERE group_id = ?`, [groupId]),
      ).generation ?? 0;
    return Math.max(...['gallery_head', 'gallery_person', 'gallery_encoding'].map(newest)) + 1;
  }

  /** Writes rows of a generation that does not count yet. */
  stage(
    groupId: string,
    generation: number,
    persons: readonly GalleryPerson[],
    encodings: readonly GalleryEncoding[],
  ): void {
    this.database.transaction(() => {
      for (const person of persons) this.putPerson(groupId, generation, person);
      for (const encoding of encodings) this.putEncoding(groupId, generation, encoding);
    });
  }

  /** Makes the head's generation the gallery. The rows of the earlier one remain until {@link purge}. */
  swap(head: StoredHead): void {
    this.writeHead(head);
  }

  /** Forgets a group's gallery; its rows remain until {@link purge}. */
  drop(groupId: string): void {
    this.database.run('DELETE FROM gallery_head WHERE group_id = ?', [groupId]);
  }

  /**
   * Deletes up to `limit` rows of each table that belong to no gallery and to no generation of `keep`.
   * @returns whether there may be more.
   */
  purge(limit: number, keep: ReadonlyMap<string, number> = new Map()): boolean {
    const staged = JSON.stringify([...keep].map(([groupId, generation]) => ({ groupId, generation })));
    const deleted = this.database.transaction(() =>
      [
        ['gallery_encoding', 'encoding_id'],
        ['gallery_person', 'person_id'],
      ].map(([table, id]) =>
        this.database.run(
          `DELETE FROM ${table} WHERE (group_id, generation, ${id}) IN (
             SELECT r.group_id, r.generation, r.${id} FROM ${table} r
             WHERE NOT EXISTS (SELECT 1 FROM gallery_head h WHERE h.group_id = r.group_id AND h.generation = r.generation)
               AND NOT EXISTS (SELECT 1 FROM json_each(?) k WHERE k.value ->> 'groupId' = r.group_id
                                                            AND k.value ->> 'generation' = r.generation)
             LIMIT ?)`,
          [staged, limit],
        ),
      ),
    );
    return deleted.some((rows) => rows >= limit);
  }

  /** Makes what was deleted unreadable in the database's log as well. @throws LatchkeyError `storage-failed`, `storage-full`. */
  forgetDeleted(): void {
    this.database.emptyLog();
  }

  private applyOne(groupId: string, generation: number, operation: GalleryOperation): void {
    switch (operation.op) {
      case 'upsert-person':
        this.putPerson(groupId, generation, operation);
        break;
      case 'upsert-encoding':
        this.putEncoding(groupId, generation, operation);
        break;
      case 'remove-encoding':
        this.deleteWhere('gallery_encoding', groupId, generation, 'encoding_id = ?', operation.encodingId);
        break;
      case 'remove-person':
        this.deleteWhere('gallery_person', groupId, generation, 'person_id = ?', operation.personId);
        this.deleteWhere('gallery_encoding', groupId, generation, 'person_id = ?', operation.personId);
        break;
      case 'set-model':
        this.deleteWhere('gallery_encoding', groupId, generation, 'model_id <> ?', operation.modelId);
        break;
    }
  }

  private deleteWhere(table: string, groupId: string, generation: number, condition: string, value: string): void {
    this.database.run(`DELETE FROM ${table} WHERE group_id = ? AND generation = ? AND ${condition}`, [
      groupId,
      generation,
      value,
    ]);
  }

  private putPerson(groupId: string, generation: number, { personId, name, always, access }: GalleryPerson): void {
    const carried = access && carriedAccess(access);
    this.database.run(
      `INSERT INTO gallery_person (group_id, generation, person_id, name, always, access) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, always = excluded.always, access = excluded.access`,
      [groupId, generation, personId, name, always ? 1 : 0, carried ? JSON.stringify(carried) : null],
    );
  }

  private putEncoding(groupId: string, generation: number, encoding: GalleryEncoding): void {
    const { encodingId, personId, modelId, values } = encoding;
    this.database.run(
      `INSERT INTO gallery_encoding (group_id, generation, encoding_id, person_id, model_id, bytes)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET person_id = excluded.person_id, model_id = excluded.model_id, bytes = excluded.bytes`,
      [groupId, generation, encodingId, personId, modelId, encodingToBytes(values)],
    );
  }

  private writeHead(head: StoredHead): void {
    const { groupId, generation, epoch, revision, logHash, contentHash } = head;
    this.database.run(
      `INSERT INTO gallery_head (group_id, generation, epoch, revision, log_hash, content_hash, row_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET generation = excluded.generation, epoch = excluded.epoch,
         revision = excluded.revision, log_hash = excluded.log_hash, content_hash = excluded.content_hash,
         row_hash = excluded.row_hash`,
      [groupId, generation, epoch, revision, logHash, contentHash, headHash(head)],
    );
  }
}

import { randomBytes } from 'node:crypto';
import type { GalleryAnswer, GalleryAsk, WireGalleryChange } from '@latchkey/contracts';
import { type Clock, genesisHash, uuidV7 } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '../database/database.ts';
import { CLOCK } from '../runtime/runtime.module.ts';
import { GalleryContentRepository } from './gallery-content.repository.ts';
import { GalleryLogRepository, type GroupHead } from './gallery-log.repository.ts';
import { HoldingRepository } from './holding.repository.ts';
import { snapshotChunks } from './snapshot-chunks.ts';

/** What fits into one message; larger ones crowd small ones out on slow links (PROTOCOL.md §1). */
export const maxAnswerBytes = 120 * 1024;
/** More than that is quicker as a snapshot. */
export const maxAnswerOperations = 500;
/** Room for everything in a message but its rows. */
const envelopeBytes = 2 * 1024;
const maxRowBytes = maxAnswerBytes - envelopeBytes;

/** The device that asks, as the broker authenticated it. */
export interface Asker {
  readonly siteId: string;
  readonly deviceId: string;
}

/** Answers devices that ask where a group's gallery stands (PROTOCOL.md §3). */
@Injectable()
export class GalleryAnswers {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(GalleryLogRepository) private readonly log: GalleryLogRepository,
    @Inject(GalleryContentRepository) private readonly content: GalleryContentRepository,
    @Inject(HoldingRepository) private readonly holdings: HoldingRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The messages that answer a question, in order: one, or the chunks of a snapshot. All of it is read from one state of the
   * database, and what it carries is noted as held by the device before it can be sent.
   */
  answer(asker: Asker, ask: GalleryAsk): Promise<GalleryAnswer[]> {
    return this.database.transaction((sql) => this.#answer(sql, asker, ask), 'REPEATABLE READ');
  }

  async #answer(sql: Sql, asker: Asker, ask: GalleryAsk): Promise<GalleryAnswer[]> {
    const group = await this.log.headForDevice(sql, ask.groupId, asker.siteId, asker.deviceId);
    const stamp = {
      nonce: ask.nonce,
      centralTime: new Date(this.clock.now()).toISOString(),
      databaseEpoch: await this.log.databaseEpoch(sql),
    };
    if (group === null) return [{ type: 'gone', groupId: ask.groupId, ...stamp }];
    const common = { ...stamp, head: headOf(group) };
    if (isAtHead(ask, group) && ask.contentHash === group.contentHash) return [{ type: 'head', ...common }];
    const changes = isAtHead(ask, group) ? null : await this.#changesFor(sql, group, ask);
    if (changes !== null) {
      const carried = changes.flatMap(({ operations }) => operations.flatMap(carriedPerson));
      await this.holdings.beginForDevice(sql, asker.deviceId, group.groupId, [...new Set(carried)], group);
      return [{ type: 'changes', ...common, changes }];
    }
    return this.#snapshot(sql, asker, group, common);
  }

  /** What the device lacks, when it stands in our log and the rest is short and whole; else null. */
  async #changesFor(sql: Sql, group: GroupHead, ask: GalleryAsk): Promise<WireGalleryChange[] | null> {
    const { groupId, siteId, epoch, revision } = group;
    if (ask.epoch !== epoch || ask.revision >= revision) return null;
    const known =
      ask.revision === 0
        ? genesisHash(siteId, groupId, epoch)
        : await this.log.logHashAt(sql, groupId, epoch, ask.revision);
    if (known === null || ask.logHash !== known) return null;
    const weight = await this.log.weighAfter(sql, groupId, epoch, ask.revision);
    const whole = weight.scrubbed === 0 && weight.changes === revision - ask.revision;
    if (!whole || weight.operations > maxAnswerOperations || weight.bytes > maxRowBytes) return null;
    const changes = await this.log.changesAfter(sql, groupId, epoch, ask.revision);
    return changes.flatMap(({ payload }) => (payload === null ? [] : [payload]));
  }

  async #snapshot(
    sql: Sql,
    asker: Asker,
    group: GroupHead,
    common: Pick<Extract<GalleryAnswer, { type: 'head' }>, 'nonce' | 'head' | 'centralTime' | 'databaseEpoch'>,
  ): Promise<GalleryAnswer[]> {
    const persons = await this.content.persons(sql, group.groupId);
    const encodings = await this.content.encodings(sql, group.groupId, group.modelId);
    const personIds = persons.map(({ personId }) => personId);
    await this.holdings.beginForDevice(sql, asker.deviceId, group.groupId, personIds, group);
    const snapshotId = uuidV7(this.clock.now(), randomBytes(16));
    const chunks = snapshotChunks(persons, encodings, maxRowBytes);
    return chunks.map((rows, chunk) => ({
      type: 'snapshot',
      ...common,
      snapshotId,
      chunk,
      chunks: chunks.length,
      ...rows,
    }));
  }
}

function headOf({ groupId, epoch, revision, logHash, contentHash, modelId }: GroupHead) {
  return { groupId, epoch, revision, logHash, contentHash, modelId };
}

function isAtHead(ask: GalleryAsk, group: GroupHead): boolean {
  return ask.epoch === group.epoch && ask.revision === group.revision && ask.logHash === group.logHash;
}

function carriedPerson(operation: WireGalleryChange['operations'][number]): string[] {
  return operation.op === 'upsert-person' || operation.op === 'upsert-encoding' ? [operation.personId] : [];
}

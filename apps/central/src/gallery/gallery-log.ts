import { changeToWire } from '@latchkey/contracts';
import { type GalleryChange, type GalleryOperation, genesisHash, LatchkeyError, logHashAfter } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { GalleryLogRepository, type GroupHead } from './gallery-log.repository.ts';
import { HoldingRepository } from './holding.repository.ts';

/**
 * The change logs of groups: who writes people, photos or memberships does it between {@link lock} and {@link append}, in one
 * transaction, so that a group's rows and its log never differ.
 */
@Injectable()
export class GalleryLog {
  constructor(
    @Inject(GalleryLogRepository) private readonly repository: GalleryLogRepository,
    @Inject(HoldingRepository) private readonly holdings: HoldingRepository,
  ) {}

  /**
   * Locks groups until the transaction ends; call it before changing rows of theirs, and after locking people.
   * @throws LatchkeyError `not-found` that names the groups that do not exist.
   */
  async lock(sql: Sql, groupIds: readonly string[]): Promise<GroupHead[]> {
    if (groupIds.length === 0) return [];
    const heads = await this.repository.lock(sql, groupIds);
    const missing = groupIds.filter((id) => !heads.some(({ groupId }) => groupId === id));
    if (missing.length > 0) {
      throw new LatchkeyError('not-found', `There is no group "${missing.join('", "')}"; create it first.`, {
        details: { groupIds: missing },
      });
    }
    return heads;
  }

  /**
   * Logs what was just done to a locked group's rows as one change. Devices of the group hold the people that it carries from
   * here on, because it may be published as soon as the transaction has ended.
   */
  async append(sql: Sql, group: GroupHead, operations: readonly GalleryOperation[]): Promise<void> {
    if (operations.length === 0) return;
    const change: GalleryChange = {
      siteId: group.siteId,
      groupId: group.groupId,
      epoch: group.epoch,
      from: group.revision,
      to: group.revision + 1,
      prevHash: group.logHash,
      operations,
    };
    const carriedPersonIds = carriedBy(operations);
    await this.repository.append(sql, {
      payload: changeToWire(change),
      logHash: logHashAfter(change),
      contentHash: await this.repository.contentHash(sql, group.groupId, group.modelId),
      carriedPersonIds,
    });
    await this.holdings.beginForDevices(sql, group.groupId, carriedPersonIds);
    const removed = operations.flatMap((operation) => (operation.op === 'remove-person' ? [operation.personId] : []));
    await this.holdings.noteRemoved(sql, group.groupId, removed, change.epoch, change.to);
  }

  /**
   * Begins a locked group's log anew with what its rows hold for a model. Devices see a higher epoch, ask, and get a snapshot.
   */
  async beginEpoch(sql: Sql, { groupId, siteId, epoch }: GroupHead, modelId: string): Promise<void> {
    await this.repository.beginEpoch(sql, {
      groupId,
      siteId,
      modelId,
      epoch: epoch + 1,
      revision: 0,
      logHash: genesisHash(siteId, groupId, epoch + 1),
      contentHash: await this.repository.contentHash(sql, groupId, modelId),
    });
  }

  /** Deletes the payloads of every change that carries a person's name or encodings. */
  async scrub(sql: Sql, personId: string): Promise<void> {
    await this.repository.scrub(sql, personId);
  }
}

/** People whose name or encodings operations carry. */
function carriedBy(operations: readonly GalleryOperation[]): string[] {
  const ids = operations.flatMap((operation) =>
    operation.op === 'upsert-person' || operation.op === 'upsert-encoding' ? [operation.personId] : [],
  );
  return [...new Set(ids)];
}

import type { GalleryReported } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '../database/database.ts';
import type { Asker } from './gallery-answers.ts';
import { HoldingRepository } from './holding.repository.ts';

/** Which device may hold whom (PROTOCOL.md §3). */
@Injectable()
export class Holdings {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(HoldingRepository) private readonly repository: HoldingRepository,
  ) {}

  /** Takes a device's report: holdings end that it shows to be gone. A gallery that failed shows nothing. */
  async confirm({ siteId, deviceId }: Asker, reported: GalleryReported): Promise<void> {
    await this.database.transaction(async (sql) => {
      if (!(await this.repository.isDeviceOf(sql, deviceId, siteId))) return;
      for (const { groupId, epoch, revision, state } of reported.groups) {
        if (state !== 'failed') await this.repository.endUpTo(sql, deviceId, groupId, epoch, revision);
      }
      const groupIds = reported.groups.map(({ groupId }) => groupId);
      await this.repository.endOtherGroups(sql, deviceId, groupIds);
      await this.repository.completeErasures(sql);
    });
  }

  /** A device has said that it forgot everything: it holds nobody. */
  async wiped(sql: Sql, deviceId: string): Promise<void> {
    await this.repository.endAll(sql, deviceId);
    await this.repository.completeErasures(sql);
  }
}

import {
  type CreateScheduleRequest,
  maxSchedules,
  type PageQuery,
  type ScheduleView,
  type UpdateScheduleRequest,
} from '@latchkey/contracts';
import { hashOf, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { DesiredConfigPublisher } from '../devices/desired-config-publisher.ts';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { scheduleCursor } from './schedules.dto.ts';
import { SchedulesRepository } from './schedules.repository.ts';

/** Schedules that people may be bound to. Every device has all of them, as part of its configuration. */
@Injectable()
export class SchedulesService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SchedulesRepository) private readonly schedules: SchedulesRepository,
    @Inject(DesiredConfigPublisher) private readonly desired: DesiredConfigPublisher,
  ) {}

  /** Schedules by id. */
  async list({ limit, cursor }: PageQuery): Promise<Page<ScheduleView>> {
    const { id: after } = decodeCursor(scheduleCursor, cursor) ?? { id: '' };
    return pageOf(await this.schedules.list(this.database, after, limit + 1), limit, ({ id }) => ({ id }));
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<ScheduleView> {
    const schedule = await this.schedules.find(this.database, id);
    if (!schedule) throw noSuchSchedule(id);
    return schedule;
  }

  /** @throws LatchkeyError `conflict` when the id is taken or there are as many as devices take. */
  async create(request: CreateScheduleRequest): Promise<ScheduleView> {
    await this.database.transaction(async (sql) => {
      if ((await this.schedules.count(sql)) >= maxSchedules) {
        throw new LatchkeyError('conflict', `There are ${maxSchedules} schedules already; delete one first.`);
      }
      if (!(await this.schedules.insert(sql, request))) {
        throw new LatchkeyError('conflict', `There is a schedule "${request.id}" already; choose another id.`);
      }
      await this.schedules.reconfigureDevices(sql);
    });
    await this.desired.publishAll();
    return this.get(request.id);
  }

  /** Changes what is given. @throws LatchkeyError `not-found`. */
  async update(id: string, change: UpdateScheduleRequest): Promise<ScheduleView> {
    const retimed = await this.database.transaction(async (sql) => {
      const before = await this.schedules.lock(sql, id);
      if (!before) throw noSuchSchedule(id);
      const after = { ...before, ...change };
      await this.schedules.update(sql, after);
      const retimed = hashOf([before.weekly, before.exceptions]) !== hashOf([after.weekly, after.exceptions]);
      if (retimed) await this.schedules.reconfigureDevices(sql);
      return retimed;
    });
    if (retimed) await this.desired.publishAll();
    return this.get(id);
  }

  /** @throws LatchkeyError `not-found`; `conflict` while somebody is bound to it. */
  async remove(id: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      if (!(await this.schedules.lock(sql, id))) throw noSuchSchedule(id);
      const persons = (await this.schedules.find(sql, id))?.persons ?? 0;
      if (persons > 0) {
        throw new LatchkeyError(
          'conflict',
          `${persons} ${persons === 1 ? 'person is' : 'people are'} bound to schedule "${id}"; give them another one first.`,
        );
      }
      await this.schedules.delete(sql, id);
      await this.schedules.reconfigureDevices(sql);
    });
    await this.desired.publishAll();
  }
}

function noSuchSchedule(id: string): LatchkeyError {
  return new LatchkeyError('not-found', `There is no schedule "${id}".`);
}

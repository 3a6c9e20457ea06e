import type { ScheduleTimes, ScheduleView } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** A schedule as it is kept. */
export interface StoredSchedule extends ScheduleTimes {
  readonly id: string;
  readonly name: string;
}

interface ScheduleRow extends Omit<ScheduleView, 'updatedAt'> {
  readonly updatedAt: Date;
}

/** SQL of schedules. */
@Injectable()
export class SchedulesRepository {
  /** Schedules by id, after `after`. */
  list(sql: Sql, after: string, limit: number): Promise<ScheduleView[]> {
    return this.#views(sql, 'WHERE schedule.id > $1 ORDER BY schedule.id LIMIT $2', [after, limit]);
  }

  /** One schedule, null when there is none. */
  async find(sql: Sql, id: string): Promise<ScheduleView | null> {
    const [view] = await this.#views(sql, 'WHERE schedule.id = $1', [id]);
    return view ?? null;
  }

  /** One schedule, locked until the transaction ends; null when there is none. */
  async lock(sql: Sql, id: string): Promise<StoredSchedule | null> {
    const [row] = await sql.rows<StoredSchedule>(
      'SELECT id, name, weekly, exceptions FROM schedule WHERE id = $1 FOR UPDATE',
      [id],
    );
    return row ?? null;
  }

  /** How many there are. Nobody adds one until the transaction ends. */
  async count(sql: Sql): Promise<number> {
    await sql.run('LOCK TABLE schedule IN SHARE ROW EXCLUSIVE MODE');
    const [row] = await sql.rows<{ count: number }>('SELECT count(*)::int AS count FROM schedule');
    return row?.count ?? 0;
  }

  /** Adds a schedule; false when its id is taken. */
  async insert(sql: Sql, schedule: StoredSchedule): Promise<boolean> {
    const added = await sql.run(
      'INSERT INTO schedule (id, name, weekly, exceptions) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
      valuesOf(schedule),
    );
    return added === 1;
  }

  /** Replaces a schedule. */
  async update(sql: Sql, schedule: StoredSchedule): Promise<void> {
    await sql.run(
      'UPDATE schedule SET name = $2, weekly = $3, exceptions = $4, updated_at = now() WHERE id = $1',
      valuesOf(schedule),
    );
  }

  /** Deletes a schedule that nobody is bound to. */
  async delete(sql: Sql, id: string): Promise<void> {
    await sql.run('DELETE FROM schedule WHERE id = $1', [id]);
  }

  /** What every device shall run is another configuration now. */
  async reconfigureDevices(sql: Sql): Promise<void> {
    await sql.run('UPDATE device SET config_revision = config_revision + 1');
  }

  async #views(sql: Sql, rest: string, parameters: readonly unknown[]): Promise<ScheduleView[]> {
    const rows = await sql.rows<ScheduleRow>(
      `SELECT id, name, weekly, exceptions, updated_at AS "updatedAt",
         (SELECT count(*)::int FROM person WHERE schedule_id = schedule.id) AS persons
       FROM schedule ${rest}`,
      parameters,
    );
    return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
  }
}

function valuesOf({ id, name, weekly, exceptions }: StoredSchedule): readonly unknown[] {
  return [id, name, JSON.stringify(weekly), JSON.stringify(exceptions)];
}

import type { CentralConfig } from '@latchkey/config';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { CENTRAL_CONFIG } from '../runtime/runtime.module.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRow } from './event-view.ts';
import type { LiveCursor } from './live-cursor.ts';

const columns = `e.position, e.xid, e.id, e.stream_id, e.seq, e.kind, e.site_id, e.device_id, e.occurred_at, e.received_at,
  e.clock_offset_ms, e.clock_trusted, e.person_id, p.name AS person_name, e.decision, e.has_thumbnail,
  e.kind = 'unknown' AND coalesce(jsonb_typeof(e.body -> 'encoding') = 'string', false) AS enrollable,
  e.body - 'encoding' AS body`;
const source = 'event e LEFT JOIN person p ON p.id = e.person_id';

/** SQL of the event log's readers. */
@Injectable()
export class EventsRepository {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
  ) {}

  /**
   * Events newest first, from below `before` on (null: from the newest). Positions never change and new events come on top,
   * so pages neither repeat nor skip what was there when the first one was read.
   */
  list(filter: EventFilter, before: string | null, limit: number): Promise<EventRow[]> {
    const { where, parameters } = this.#conditions(filter);
    if (before !== null) where.push(`e.position < $${parameters.push(before)}`);
    return this.database.rows<EventRow>(
      `SELECT ${columns} FROM ${source} WHERE ${where.join(' AND ')} ORDER BY e.position DESC LIMIT $${parameters.push(limit)}`,
      parameters,
    );
  }

  /** One event, null when there is none. Should two devices use one id, the first that was received has it. */
  async find(id: string, filter: Pick<EventFilter, 'discreet'>): Promise<EventRow | null> {
    const { where, parameters } = this.#conditions(filter);
    where.push(`e.id = $${parameters.push(id)}`);
    const [row] = await this.database.rows<EventRow>(
      `SELECT ${columns} FROM ${source} WHERE ${where.join(' AND ')} ORDER BY e.position LIMIT 1`,
      parameters,
    );
    return row ?? null;
  }

  /** The JPEG of an event's face; null when there is none. */
  async thumbnail(id: string): Promise<Buffer | null> {
    const { where, parameters } = this.#conditions({});
    where.push(`e.id = $${parameters.push(id)}`);
    const [row] = await this.database.rows<{ jpeg: Buffer | null }>(
      `SELECT t.jpeg FROM event e LEFT JOIN event_thumbnail t USING (position, received_at)
       WHERE ${where.join(' AND ')} ORDER BY e.position LIMIT 1`,
      parameters,
    );
    return row?.jpeg ?? null;
  }

  /** The place behind everything that is committed and will not be overtaken any more. */
  async liveEnd(): Promise<LiveCursor> {
    const [row] = await this.database.rows<{ xid: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid',
    );
    return { xid: row?.xid ?? '0', position: '0' };
  }

  /**
   * Events after a place in the order of their transactions, but only of transactions before which none is still running:
   * what was passed over now would never be read (PROTOCOL.md §2).
   */
  liveAfter(cursor: LiveCursor, filter: EventFilter, limit: number): Promise<EventRow[]> {
    const { where, parameters } = this.#conditions(filter);
    where.push(
      `(e.xid, e.position) > ($${parameters.push(cursor.xid)}::xid8, $${parameters.push(cursor.position)}::bigint)`,
      'e.xid < pg_snapshot_xmin(pg_current_snapshot())',
    );
    return this.database.rows<EventRow>(
      `SELECT ${columns} FROM ${source} WHERE ${where.join(' AND ')} ORDER BY e.xid, e.position LIMIT $${parameters.push(limit)}`,
      parameters,
    );
  }

  /** Retention is kept to the day here; the partitions behind it go by the month. */
  #conditions(filter: EventFilter): { where: string[]; parameters: unknown[] } {
    const parameters: unknown[] = [this.config.eventRetentionDays];
    const where = ['e.received_at > now() - make_interval(days => $1)'];
    const equal = (column: string, value: unknown): void => {
      if (value !== undefined) where.push(`e.${column} = $${parameters.push(value)}`);
    };
    equal('device_id', filter.deviceId);
    equal('person_id', filter.personId);
    equal('kind', filter.kind);
    equal('decision', filter.decision);
    if (filter.discreet) where.push(`NOT (e.kind = 'door' AND coalesce(e.body ->> 'action', '') = 'duress')`);
    if (filter.from !== undefined) where.push(`e.occurred_at >= $${parameters.push(filter.from)}`);
    if (filter.to !== undefined) where.push(`e.occurred_at < $${parameters.push(filter.to)}`);
    return { where, parameters };
  }
}

import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** What the log has of one event's face. */
export interface EventFace {
  readonly kind: string;
  readonly body: unknown;
  readonly jpeg: Buffer | null;
}

/** Events that the person `$1` was enrolled from; an array, so that the index on events' ids serves. */
const enrolledFrom = 'ARRAY(SELECT event_id FROM enrolled_event WHERE person_id = $1::uuid)';
const isTheirs = `(event.person_id = $1 OR event.id = ANY(${enrolledFrom}))`;

/** SQL that reads faces out of the log, and takes people out of it. */
@Injectable()
export class EventFaceRepository {
  /** The face of an event, null when there is no such event. */
  async find(sql: Sql, eventId: string): Promise<EventFace | null> {
    const [face] = await sql.rows<EventFace>(
      `SELECT event.kind, event.body, event_thumbnail.jpeg
       FROM event LEFT JOIN event_thumbnail USING (position, received_at)
       WHERE event.id = $1 ORDER BY event.position LIMIT 1`,
      [eventId],
    );
    return face ?? null;
  }

  /**
   * Deletes a person's pictures and encodings from the log: of events that name the person, and of those that the person was
   * ever enrolled from. The events stay; names are not in them.
   */
  async strip(sql: Sql, personId: string): Promise<void> {
    await sql.run(
      `WITH theirs AS MATERIALIZED (SELECT position, received_at FROM event WHERE ${isTheirs})
       DELETE FROM event_thumbnail USING theirs
       WHERE event_thumbnail.position = theirs.position AND event_thumbnail.received_at = theirs.received_at`,
      [personId],
    );
    await sql.run(
      `UPDATE event SET has_thumbnail = false,
         body = CASE WHEN body ? 'encoding' THEN body || '{"encoding": null}' ELSE body END
       WHERE ${isTheirs} AND (has_thumbnail OR jsonb_typeof(body -> 'encoding') = 'string')`,
      [personId],
    );
    // The row stays: it says what became of its sequence number, and keeps a copy that comes again from being stored again.
    await sql.run(
      `UPDATE dead_letter SET payload = NULL
       WHERE payload IS NOT NULL AND (event_id = ANY(${enrolledFrom}) OR strpos(lower(encode(payload, 'escape')), $1::text) > 0)`,
      [personId],
    );
  }
}

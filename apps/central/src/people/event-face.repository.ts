import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** What the log has of one event's face. */
export interface EventFace {
  readonly kind: string;
  readonly body: unknown;
  readonly jpeg: Buffer | null;
}

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
   * enrolled from. The events stay; names are not in them.
   */
  async strip(sql: Sql, personId: string): Promise<void> {
    const theirs = `(event.person_id = $1 OR event.id IN (
      SELECT event_id FROM encoding WHERE person_id = $1 AND event_id IS NOT NULL))`;
    await sql.run(
      `DELETE FROM event_thumbnail USING event
       WHERE event.position = event_thumbnail.position AND event.received_at = event_thumbnail.received_at AND ${theirs}`,
      [personId],
    );
    await sql.run(
      `UPDATE event SET has_thumbnail = false,
         body = CASE WHEN body ? 'encoding' THEN body || '{"encoding": null}' ELSE body END
       WHERE ${theirs} AND (has_thumbnail OR jsonb_typeof(body -> 'encoding') = 'string')`,
      [personId],
    );
  }
}

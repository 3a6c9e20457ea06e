import { type EventEnvelope, type EventKind, eventEnvelope, eventKinds } from '@latchkey/contracts';
import { bodyHashOf } from '@latchkey/domain';
import { z } from 'zod';
import type { SqlRow } from '../database/local-database.ts';
import { integerOf, storedText, textOf } from '../database/stored-text.ts';

/** An event of the outbox. */
export interface OutboxEntry {
  /** Position in the outbox over all streams, ascending with age. Only for paging; says nothing about `seq`. */
  readonly rowOrder: number;
  readonly envelope: EventEnvelope;
}

/** An event that the disk did not keep as it was written: its form is broken, or its body is not the one that its hash names. */
export interface DamagedEntry {
  readonly rowOrder: number;
  readonly streamId: string;
  readonly seq: number;
  /** Null when the disk does not say one that there is. */
  readonly kind: EventKind | null;
}

const textColumns = ['id', 'kind', 'occurred_at', 'body_hash', 'body', 'thumbnail'] as const;

/** Columns of `outbox_event e` for {@link readEventRow}, which also needs the stream's id. */
export const eventColumns = [
  'e.row_order',
  ...['e.seq', 'e.clock_offset_ms', 'e.clock_trusted'].map(integerOf),
  ...textColumns.map((column) => textOf(`e.${column}`)),
].join(', ');

const placeRow = z.object({ row_order: z.number().int(), stream_id: storedText, seq: z.number().int() });
const contentRow = z.object({
  id: storedText,
  kind: storedText,
  occurred_at: storedText,
  clock_offset_ms: z.number().nullable(),
  clock_trusted: z.number(),
  body_hash: storedText,
  body: storedText,
  thumbnail: storedText.nullable(),
});

/** The event of a row as it was written; null when not even its stream and number can be read. */
export function readEventRow(row: SqlRow): OutboxEntry | DamagedEntry | null {
  const place = placeRow.safeParse(row);
  if (!place.success) return null;
  const { row_order: rowOrder, stream_id: streamId, seq } = place.data;
  const content = contentRow.safeParse(row);
  const envelope = content.success ? eventEnvelope.safeParse(envelopeOf(streamId, seq, content.data)) : null;
  if (!envelope?.success || bodyHashOf(envelope.data.body) !== envelope.data.bodyHash)
    return { rowOrder, streamId, seq, kind: kindOf(row) };
  return { rowOrder, envelope: envelope.data };
}

function kindOf(row: SqlRow): EventKind | null {
  const text = storedText.safeParse(row.kind).data;
  return eventKinds.find((kind) => kind === text) ?? null;
}

function envelopeOf(streamId: string, seq: number, row: z.infer<typeof contentRow>): unknown {
  return {
    streamId,
    seq,
    id: row.id,
    kind: row.kind,
    occurredAt: row.occurred_at,
    clockOffsetMs: row.clock_offset_ms,
    clockTrusted: row.clock_trusted === 1,
    bodyHash: row.body_hash,
    body: parseBody(row.body),
    ...(row.thumbnail === null ? {} : { thumbnail: row.thumbnail }),
  };
}

/** A stored body as it was; null when it is no JSON any more. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

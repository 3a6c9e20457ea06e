import { createHash } from 'node:crypto';
import { type Decision, type EventEnvelope, type EventKind, eventBodies } from '@latchkey/contracts';
import { canonicalJson } from '@latchkey/domain';
import type { z } from 'zod';

/** Why an event does not come into the log. The codes travel in acknowledgements and stand in the dead-letter table. */
export type RejectionCode = 'invalid-payload' | 'body-hash-mismatch';

/** Sequence numbers that a `dropped` event gives up, inclusive. */
export interface DroppedRange {
  readonly streamId: string;
  readonly from: number;
  readonly to: number;
}

/** One event on its way into the log: a valid envelope, and what became of its body. */
export interface IncomingEvent {
  /** Of the topic, which the broker vouches for. */
  readonly siteId: string;
  readonly deviceId: string;
  readonly envelope: EventEnvelope;
  readonly personId: string | null;
  readonly decision: Decision | null;
  /** JSON text of the body as the device hashed it; null when it is rejected. */
  readonly body: string | null;
  readonly thumbnail: Uint8Array | null;
  readonly dropped: readonly DroppedRange[];
  readonly rejection: { readonly code: RejectionCode; readonly message: string } | null;
  /** Bytes of the whole message: kept in the dead-letter table when the event is rejected. */
  readonly raw: Uint8Array;
}

/** A picture of 12 KB in base64 and a body with one encoding take 25 KB; the rest is for long lists of dropped numbers. */
const maxMessageBytes = 256 * 1024;

/** Where an event came from. */
export interface EventOrigin {
  readonly siteId: string;
  readonly deviceId: string;
  readonly raw: Uint8Array;
}

/**
 * Judges the body of an event whose envelope is valid. Never throws: what is wrong becomes a rejection, so that one bad body
 * blocks nothing (PROTOCOL.md §2).
 */
export function readIncoming(envelope: EventEnvelope, origin: EventOrigin): IncomingEvent {
  const { siteId, deviceId, raw } = origin;
  const common = { siteId, deviceId, envelope, raw };
  const rejected = (code: RejectionCode, message: string): IncomingEvent => ({
    ...common,
    personId: null,
    decision: null,
    body: null,
    thumbnail: null,
    dropped: [],
    rejection: { code, message },
  });

  if (raw.byteLength > maxMessageBytes) {
    return rejected('invalid-payload', `The message has ${raw.byteLength} bytes; ${maxMessageBytes} are allowed.`);
  }
  if (bodyHash(envelope.body) !== envelope.bodyHash) {
    return rejected('body-hash-mismatch', 'The body is not the one that its hash names.');
  }
  const parsed = eventBodies[envelope.kind].safeParse(envelope.body);
  if (!parsed.success) return rejected('invalid-payload', describe(parsed.error));
  const body = JSON.stringify(envelope.body);
  if (!isStorable(body)) return rejected('invalid-payload', 'The body holds characters that Postgres cannot store.');
  return {
    ...common,
    ...columnsOf(parsed.data),
    body,
    thumbnail: jpegOf(envelope.thumbnail),
    dropped: droppedOf(envelope, parsed.data),
    rejection: null,
  };
}

type AnyBody = z.infer<(typeof eventBodies)[EventKind]>;

/** SHA-256 of the canonical JSON, as `bodyHashOf` of the domain, by Node's native implementation: this is the hot path. */
function bodyHash(body: unknown): string | null {
  try {
    return createHash('sha256').update(canonicalJson(body), 'utf8').digest('hex');
  } catch {
    return null;
  }
}

function columnsOf(body: AnyBody): Pick<IncomingEvent, 'personId' | 'decision'> {
  return {
    personId: 'personId' in body ? body.personId : null,
    decision: 'decision' in body ? body.decision : null,
  };
}

function droppedOf(envelope: EventEnvelope, body: AnyBody): readonly DroppedRange[] {
  if (envelope.kind !== 'dropped' || !('from' in body)) return [];
  const { streams = [{ streamId: envelope.streamId, ranges: [[body.from, body.to]] }] } = body;
  return streams.flatMap(({ streamId, ranges }) =>
    ranges.filter(([from, to]) => from <= to).map(([from, to]) => ({ streamId, from, to })),
  );
}

/** `jsonb` takes neither U+0000 nor half a surrogate pair; `JSON.stringify` writes both as escapes. */
function isStorable(json: string): boolean {
  return !json.includes('\\u') || !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json);
}

/** The picture when it is a JPEG; anything else is left out, because the event matters more than its picture. */
function jpegOf(base64: string | undefined): Uint8Array | null {
  if (base64 === undefined) return null;
  const bytes = Buffer.from(base64, 'base64');
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff ? bytes : null;
}

function describe(error: z.ZodError): string {
  const first = error.issues[0];
  return `Body: ${first?.path.join('.') || 'value'}: ${first?.message ?? 'not valid'}`.slice(0, 500);
}

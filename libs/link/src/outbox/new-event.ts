import { type EventEnvelope, eventEnvelope } from '@latchkey/contracts';
import { bodyHashOf, canonicalJson, type EpochMs, LatchkeyError } from '@latchkey/domain';
import type { NewEvent } from './outbox-types.ts';

/** What tells an event from every other. */
export interface EventPlace {
  readonly streamId: string;
  readonly seq: number;
  readonly id: string;
}

/**
 * An event's envelope, and its body as the text that is hashed and stored. A picture that the contract does not take is left out.
 * @throws LatchkeyError `invalid-input` for a body that has no JSON form, or a time that is none.
 */
export function envelopeOf(
  event: NewEvent,
  place: EventPlace,
  now: EpochMs,
): { readonly envelope: EventEnvelope; readonly bodyText: string } {
  const bodyText = canonicalJson(event.body);
  const body: unknown = JSON.parse(bodyText);
  const candidate = {
    ...place,
    kind: event.kind,
    occurredAt: isoOf(event.occurredAt ?? now),
    clockOffsetMs: event.clockOffsetMs,
    clockTrusted: event.clockTrusted,
    bodyHash: bodyHashOf(body),
    body,
  };
  if (event.thumbnail) {
    const withPicture = eventEnvelope.safeParse({ ...candidate, thumbnail: event.thumbnail });
    if (withPicture.success) return { envelope: withPicture.data, bodyText };
  }
  const parsed = eventEnvelope.safeParse(candidate);
  if (!parsed.success) {
    throw new LatchkeyError(
      'invalid-input',
      `An event of kind "${event.kind}" does not have the form of its contract.`,
      {
        cause: parsed.error,
      },
    );
  }
  return { envelope: parsed.data, bodyText };
}

function isoOf(at: EpochMs): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime()))
    throw new LatchkeyError('invalid-input', `${at} is no time that an event can have.`);
  return date.toISOString();
}

// What a row costs beside body and picture, measured over a table of small events.
const rowOverheadBytes = 400;

/** Bytes that an event takes on disk, about. */
export function bytesOf(bodyText: string, { thumbnail = '' }: EventEnvelope): number {
  return Buffer.byteLength(bodyText) + thumbnail.length + rowOverheadBytes;
}

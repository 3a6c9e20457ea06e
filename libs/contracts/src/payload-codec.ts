import { LatchkeyError } from '@latchkey/domain';
import { type PayloadOf, type TopicName, topics } from './topics.ts';

/** The UTF-8 JSON text of a payload. */
export function encodePayload<N extends TopicName>(_name: N, payload: PayloadOf<N>): string {
  return JSON.stringify(payload);
}

/**
 * Parses the bytes of a payload by its topic's schema.
 * @throws LatchkeyError `invalid-payload` when they are no UTF-8 JSON of that form; `details.issues` lists what is wrong.
 */
export function decodePayload<N extends TopicName>(name: N, bytes: Uint8Array | string): PayloadOf<N> {
  const parsed = topics[name].payload.safeParse(parseJson(name, bytes));
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    const first = issues[0];
    throw new LatchkeyError('invalid-payload', `Payload of "${name}": ${first?.path || 'value'}: ${first?.message}`, {
      details: { issues },
    });
  }
  return parsed.data as PayloadOf<N>;
}

/**
 * JSON out of strict UTF-8 bytes.
 * @throws LatchkeyError `invalid-payload`.
 */
export function parseJson(what: string, bytes: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LatchkeyError('invalid-payload', `Payload of "${what}" is not JSON in UTF-8.`, { cause });
  }
}

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  type KeyPurpose,
  parseJson,
  type SignedMessage,
  signedMessage,
  signedText,
  type TrustedKey,
} from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';

/** What a received message must be to be believed. */
export interface ExpectedSignature {
  /** The topic that it arrived on. */
  readonly topic: string;
  /** Who the receiver is, or the group that it belongs to. */
  readonly audience: string;
  readonly purpose: KeyPurpose;
  /** Several keys of one purpose may be valid at once. */
  readonly trustedKeys: readonly TrustedKey[];
}

/**
 * The payload text of a signed message, authenticated together with topic, audience, purpose and key before anything of it is parsed.
 * @throws LatchkeyError `signature-invalid` for everything else; the message says what is wrong.
 */
export function openSigned(bytes: Uint8Array | string, expected: ExpectedSignature): string {
  const message = parseSigned(bytes, expected.topic);
  if (message.audience !== expected.audience) {
    throw invalid(expected, `it is for "${message.audience}", not for "${expected.audience}"`);
  }
  if (message.encryption !== null) throw invalid(expected, 'it is encrypted, and no group key is known');
  const candidates = expected.trustedKeys.filter(
    ({ keyId, purpose }) => keyId === message.keyId && purpose === expected.purpose,
  );
  if (candidates.length === 0)
    throw invalid(expected, `its key "${message.keyId}" is not trusted for "${expected.purpose}"`);
  const text = Buffer.from(
    signedText({
      topic: expected.topic,
      audience: expected.audience,
      keyId: message.keyId,
      payload: message.payload,
    }),
    'utf8',
  );
  const signature = Buffer.from(message.signature, 'base64');
  if (!candidates.some((key) => verify(null, text, publicKeyOf(key, expected), signature))) {
    throw invalid(expected, 'its signature does not fit');
  }
  return message.payload;
}

function parseSigned(bytes: Uint8Array | string, topic: string): SignedMessage {
  try {
    return signedMessage.parse(parseJson(topic, bytes));
  } catch (cause) {
    throw new LatchkeyError('signature-invalid', `A message on "${topic}" is refused: it is not a signed message.`, {
      cause,
    });
  }
}

function publicKeyOf(key: TrustedKey, expected: ExpectedSignature): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(key.publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new LatchkeyError(
      'signature-invalid',
      `The trusted key "${key.keyId}" for "${expected.purpose}" is damaged.`,
      { cause },
    );
  }
}

function invalid({ topic }: ExpectedSignature, why: string): LatchkeyError {
  return new LatchkeyError('signature-invalid', `A message on "${topic}" is refused: ${why}.`);
}

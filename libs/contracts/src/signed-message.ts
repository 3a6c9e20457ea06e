import { z } from 'zod';
import { base64 } from './identifiers.ts';

/** Purposes of signing keys: one key never serves two (PROTOCOL.md §6). */
export const keyPurposes = ['ack', 'gallery', 'config', 'command'] as const;
export const keyPurpose = z.enum(keyPurposes);
export type KeyPurpose = z.infer<typeof keyPurpose>;

/**
 * What central publishes: the exact text that is signed, and who it is for. Receivers authenticate `payload` together with
 * topic, audience and key id before they parse it. `encryption` is the place of the group key; null: `payload` is plain.
 */
export const signedMessage = z.strictObject({
  v: z.literal(1),
  keyId: z.string().regex(/^[a-z0-9-]{1,64}$/),
  /** `{siteId}/{deviceId}` or `{siteId}/_groups/{groupId}`. */
  audience: z.string().max(200),
  encryption: z.strictObject({ groupKeyId: z.string().max(64), nonce: base64 }).nullable(),
  payload: z.string(),
  /** Ed25519 (RFC 8032) over {@link signedText}. */
  signature: base64,
});
export type SignedMessage = z.infer<typeof signedMessage>;

/** The text that is signed: every part that must not be exchanged, one a line, the payload last. */
export function signedText(parts: { topic: string; audience: string; keyId: string; payload: string }): string {
  return ['latchkey-signed-v1', parts.topic, parts.audience, parts.keyId, parts.payload].join('\n');
}

/** A public key that a device trusts, Ed25519 in SPKI DER as base64. */
export const trustedKey = z.strictObject({ keyId: z.string().max(64), purpose: keyPurpose, publicKey: base64 });
export type TrustedKey = z.infer<typeof trustedKey>;

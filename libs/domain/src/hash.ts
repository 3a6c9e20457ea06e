import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { LatchkeyError } from './errors.ts';

/** SHA-256 as 64 lower-case hexadecimal digits. Text is taken as UTF-8. */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data));
}

/**
 * The canonical JSON text of a value (RFC 8785): equal values give equal text whatever the order of their keys.
 * @throws LatchkeyError `invalid-input` for what JSON cannot hold (undefined, NaN, functions).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new LatchkeyError('invalid-input', 'This value has no JSON form.');
  return text;
}

/** SHA-256 of the canonical JSON of a value. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

import { v4, v7 } from 'uuid';
import { hashOf } from './hash.ts';
import type { EpochMs } from './ports.ts';

/**
 * A UUID of version 7 (RFC 9562): sorts by time, unique by `random`.
 * @param random 16 random bytes.
 */
export function uuidV7(at: EpochMs, random: Uint8Array): string {
  return v7({ msecs: at, random });
}

/**
 * A random UUID (version 4, RFC 9562).
 * @param random 16 random bytes.
 */
export function uuidV4(random: Uint8Array): string {
  return v4({ random });
}

/** Hash that ties an event's body to its envelope: SHA-256 of the body's canonical JSON (PROTOCOL.md §2). */
export function bodyHashOf(body: unknown): string {
  return hashOf(body);
}

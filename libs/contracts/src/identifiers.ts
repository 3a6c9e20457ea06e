import { z } from 'zod';

/** Site, device and group ids: `[a-z0-9-]{1,64}`. Those that begin with `_` are Latchkey's own (PROTOCOL.md §1). */
export const slug = z.string().regex(/^[a-z0-9-]{1,64}$/, 'lower-case letters, digits and hyphens, 1 to 64');

/** UUID of any version, lower case. */
export const uuid = z.uuid().toLowerCase();

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

/** A time as ISO 8601 in UTC with milliseconds, e.g. `2026-11-24T22:00:00.000Z`. */
export const instant = z.iso.datetime({ precision: 3 });

/** Bytes as base64 with padding. */
export const base64 = z.base64();

/** A nonce of 16 random bytes in lower-case hexadecimal. */
export const nonce = z.string().regex(/^[0-9a-f]{32}$/, '32 lower-case hexadecimal digits');

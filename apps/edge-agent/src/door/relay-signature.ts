import { createHash, createHmac } from 'node:crypto';

/** What a signature is made of. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they travel. */
  readonly target: string;
  readonly body: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Never used twice. */
  readonly nonce: string;
}

/**
 * Headers by which a relay knows that a request is the agent's, is fresh, and is no copy: HMAC-SHA-256 over method, target,
 * time, nonce and the SHA-256 of the body, each on a line of its own (docs/doors.md).
 */
export function signatureHeaders(
  { method, target, body, timestamp, nonce }: SignedRequest,
  key: string,
): Record<string, string> {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const signed = [method, target, timestamp, nonce, bodyHash].join('\n');
  return {
    'x-latchkey-timestamp': `${timestamp}`,
    'x-latchkey-nonce': nonce,
    'x-latchkey-signature': `sha256=${createHmac('sha256', key).update(signed).digest('hex')}`,
  };
}

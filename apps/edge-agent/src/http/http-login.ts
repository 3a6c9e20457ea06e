import { createHash, randomBytes } from 'node:crypto';

/** User and password of a device. */
export interface HttpCredentials {
  readonly user: string;
  readonly password: string;
}

/** Digest's hashes by their names (RFC 7616); MD5 is what most cameras and relays know. */
const hashes: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/**
 * The `Authorization` header that answers a device's `WWW-Authenticate`: Digest (RFC 7616) where it is offered, so that the
 * password does not travel, else Basic. Null when it asks for something else.
 */
export function authorizationFor(
  challenge: string,
  { user, password }: HttpCredentials,
  method: string,
  uri: string,
): string | null {
  const [, digest] = /\bDigest\s+(.*)/i.exec(challenge) ?? [];
  if (digest !== undefined) {
    const header = digestAuthorization(parametersOf(digest), user, password, method, uri);
    if (header) return header;
  }
  return /\bBasic\b/i.test(challenge) ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : null;
}

function digestAuthorization(
  { realm = '', nonce = '', qop = '', opaque, algorithm = 'MD5' }: Readonly<Record<string, string>>,
  user: string,
  password: string,
  method: string,
  uri: string,
): string | null {
  const name = hashes[algorithm.toUpperCase()];
  if (name === undefined) return null;
  const hash = (text: string): string => createHash(name).update(text).digest('hex');
  const secret = hash(`${user}:${realm}:${password}`);
  const request = hash(`${method}:${uri}`);
  const common = `username="${escaped(user)}", realm="${escaped(realm)}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}`;
  const tail = opaque === undefined ? '' : `, opaque="${opaque}"`;
  if (!/\bauth\b/.test(qop)) return `Digest ${common}, response="${hash(`${secret}:${nonce}:${request}`)}"${tail}`;
  const cnonce = randomBytes(8).toString('hex');
  const response = hash(`${secret}:${nonce}:00000001:${cnonce}:auth:${request}`);
  return `Digest ${common}, response="${response}", qop=auth, nc=00000001, cnonce="${cnonce}"${tail}`;
}

function parametersOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
  );
}

function escaped(text: string): string {
  return text.replace(/[\\"]/g, '\\$&');
}

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';

const file = join('keys', 'local-page-token');
const cookieName = 'latchkey-page';

/** The secret of the local page: made at the first start, kept where only the agent's user may read it. */
export function pageToken(agentDir: string): string {
  const path = join(agentDir, file);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const token = randomBytes(24).toString('base64url');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}

/** Whether two secrets are the same; takes as long for every wrong one of the same length. */
export function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The secret that a request brings along, in its cookie or as a bearer; empty without one. */
export function tokenOf({ headers }: IncomingMessage): string {
  const [, bearer] = headers.authorization?.match(/^Bearer (.+)$/) ?? [];
  if (bearer !== undefined) return bearer;
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
}

/** The cookie that a browser keeps the secret in: no script reads it, no other site sends it. */
export function tokenCookie(token: string): string {
  return `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`;
}

import type { Request, Response } from 'express';

const name = 'latchkey_session';

/** The session's token that a request brings: `Authorization: Bearer`, else the cookie; null when it brings none. */
export function tokenOf(request: Request): string | null {
  const bearer = /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? '');
  if (bearer?.[1]) return bearer[1];
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value !== undefined && /^[\w-]{1,200}$/.test(value.trim())) return value.trim();
  }
  return null;
}

/**
 * Gives the browser its session: not readable by scripts, never sent along from another site, only over TLS where the page
 * came over TLS.
 */
export function setSessionCookie(request: Request, response: Response, token: string, lifetimeMs: number): void {
  response.cookie(name, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    path: '/',
    maxAge: lifetimeMs,
  });
}

/** Takes the browser's session away. */
export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(name, { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' });
}

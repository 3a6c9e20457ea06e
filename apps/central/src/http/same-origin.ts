import { LatchkeyError } from '@latchkey/domain';
import type { NextFunction, Request, Response } from 'express';
import { isRead } from './methods.ts';

/**
 * Middleware: refuses writes that a browser sends from another site's page, besides `SameSite=Strict` on the cookie. Programs
 * that are no browsers send no `Origin` and pass.
 */
export function sameOriginWrites(request: Request, _response: Response, next: NextFunction): void {
  if (isRead(request.method) || isSameOrigin(request)) next();
  else next(new LatchkeyError('forbidden', 'A page of another site may not change anything here.'));
}

function isSameOrigin(request: Request): boolean {
  if (request.headers['sec-fetch-site'] === 'cross-site') return false;
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

import { LatchkeyError } from '@latchkey/domain';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AuthService } from './auth.service.ts';
import { tokenOf } from './session-cookie.ts';
import { rememberSignedIn } from './signed-in.ts';

/** The only paths below `/api` that anybody may call. */
export const publicPaths: ReadonlySet<string> = new Set(['/health', '/auth/login']);

/**
 * Middleware for `/api`: lets a request pass that brings a live session or asks for a public path, and refuses all others,
 * whether or not there is such a route. It stands before the routes, so that documents, streams and whatever is added later
 * are closed unless they are opened here.
 */
export function requireSession(auth: AuthService): RequestHandler {
  return async (request: Request, _response: Response, next: NextFunction) => {
    try {
      if (publicPaths.has(request.path.replace(/\/$/, ''))) return next();
      const token = tokenOf(request);
      const signedIn = token === null ? null : await auth.authenticate(token);
      if (!signedIn) throw new LatchkeyError('unauthorized', 'Nobody is signed in, or the session has ended; sign in.');
      rememberSignedIn(request, signedIn);
      next();
    } catch (error) {
      next(error);
    }
  };
}

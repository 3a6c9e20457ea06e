import type { Role } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Request } from 'express';

/** Who sends a request. */
export interface SignedIn {
  readonly accountId: string;
  readonly email: string;
  readonly role: Role;
  readonly passwordGenerated: boolean;
  /** SHA-256 of the session's token. */
  readonly tokenHash: string;
}

const signedInOfRequest = new WeakMap<object, SignedIn>();

/** Remembers who sends a request; the session middleware alone calls it. */
export function rememberSignedIn(request: Request, signedIn: SignedIn): void {
  signedInOfRequest.set(request, signedIn);
}

/** Who sends a request; null on public routes. */
export function signedInOf(request: Request): SignedIn | null {
  return signedInOfRequest.get(request) ?? null;
}

/** Parameter decorator: the {@link SignedIn} of the request. Throws `unauthorized` on public routes. */
export const CurrentAccount = createParamDecorator((_: unknown, context: ExecutionContext): SignedIn => {
  const signedIn = signedInOf(context.switchToHttp().getRequest<Request>());
  if (!signedIn) throw new LatchkeyError('unauthorized', 'Nobody is signed in; sign in first.');
  return signedIn;
});

/** Metadata key of {@link Roles}. */
export const rolesKey = 'latchkey:roles';

/**
 * Who may call a route. Without it everybody who is signed in may read, and `admin` alone may write; `admin` may always.
 */
export const Roles = (...roles: Role[]) => SetMetadata(rolesKey, roles);

import { type Role, role } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { isRead } from '../http/methods.ts';
import { rolesKey, signedInOf } from './signed-in.ts';

/** Keeps accounts to what their role may do, see {@link Roles}. The session middleware has let public routes through. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const signedIn = signedInOf(request);
    if (!signedIn || signedIn.role === 'admin') return true;
    const declared = this.reflector.getAllAndOverride<Role[] | undefined>(rolesKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const allowed = declared ?? (isRead(request.method) ? role.options : ['admin']);
    if (!allowed.includes(signedIn.role)) {
      throw new LatchkeyError('forbidden', `An account of role "${signedIn.role}" may not do this; ask an admin.`);
    }
    return true;
  }
}

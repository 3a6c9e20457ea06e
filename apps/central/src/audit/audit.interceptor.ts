import { randomBytes } from 'node:crypto';
import { type Clock, isLatchkeyError, uuidV7 } from '@latchkey/domain';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { from, lastValueFrom, mergeMap, type Observable } from 'rxjs';
import { signedInOf } from '../auth/signed-in.ts';
import { addressOf } from '../http/address.ts';
import { isRead } from '../http/methods.ts';
import { problemOf } from '../http/problem.ts';
import { CLOCK, LOGGER } from '../runtime/runtime.module.ts';
import { type AuditEntry, AuditRepository } from './audit.repository.ts';

/**
 * Writes every write request into the audit log: before it is carried out, so that nothing is done that the log does not
 * know, and its outcome afterwards. Bodies are not kept; subjects are ids.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(AuditRepository) private readonly repository: AuditRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    if (isRead(request.method)) return next.handle();
    const entry = this.#entryOf(request, actionOf(context));
    return from(this.repository.insert(entry)).pipe(mergeMap(() => from(this.#carryOut(entry, next))));
  }

  async #carryOut(entry: AuditEntry, next: CallHandler): Promise<unknown> {
    try {
      const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.#finish(entry.id, 'done', idOf(result));
      return result;
    } catch (error) {
      await this.#finish(entry.id, isLatchkeyError(error) ? error.code : problemOf(error).body.code, null);
      throw error;
    }
  }

  #entryOf(request: Request, action: string): AuditEntry {
    const signedIn = signedInOf(request);
    return {
      id: uuidV7(this.clock.now(), randomBytes(16)),
      accountId: signedIn?.accountId ?? null,
      actor: signedIn?.email ?? attemptedEmail(request),
      address: addressOf(request),
      action,
      subject: typeof request.params.id === 'string' ? request.params.id : null,
      details: { method: request.method, params: request.params, ...queryOf(request) },
    };
  }

  /** The work is done or refused by now: a log that cannot be written any more must not undo that for the caller. */
  async #finish(id: string, outcome: string, subject: string | null): Promise<void> {
    try {
      await this.repository.finish(id, outcome, subject);
    } catch (err) {
      this.logger.error({ err, auditId: id, outcome }, 'the outcome could not be written into the audit log');
    }
  }
}

/** What a request says in its address, as that of an enrolment which warnings it accepts. */
function queryOf({ query }: Request): { readonly query?: Request['query'] } {
  return Object.keys(query).length > 0 ? { query } : {};
}

/** `people.create` of `PeopleController.create`. */
function actionOf(context: ExecutionContext): string {
  return `${context
    .getClass()
    .name.replace(/Controller$/, '')
    .toLowerCase()}.${context.getHandler().name}`;
}

/** Whom somebody tries to sign in as, cut to the length of a valid address. */
function attemptedEmail(request: Request): string | null {
  const body: unknown = request.body;
  if (body === null || typeof body !== 'object' || !('email' in body) || typeof body.email !== 'string') return null;
  return body.email.replaceAll('\0', '').slice(0, 254).toLowerCase();
}

function idOf(result: unknown): string | null {
  return result !== null && typeof result === 'object' && 'id' in result && typeof result.id === 'string'
    ? result.id
    : null;
}

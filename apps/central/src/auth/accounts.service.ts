import type { CreateAccountRequest, ListedAccount, PageQuery } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { newId } from '../runtime/new-id.ts';
import { AccountRepository } from './account.repository.ts';
import { hashPassword } from './password.ts';
import { SessionRepository } from './session.repository.ts';

/** Where a page of accounts ends. */
const accountCursor = z.strictObject({ email: z.string().max(254) });

/** Who may sign in. */
@Injectable()
export class AccountsService {
  constructor(
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
  ) {}

  /** Accounts by address. */
  async list({ limit, cursor }: PageQuery): Promise<Page<ListedAccount>> {
    const { email: after } = decodeCursor(accountCursor, cursor) ?? { email: '' };
    const rows = await this.accounts.list(after, limit + 1);
    const { items, nextCursor } = pageOf(rows, limit, ({ email }) => ({ email }));
    return {
      items: items.map(({ id, email, role, passwordGenerated, createdAt }) => ({
        id,
        email,
        role,
        passwordGenerated,
        createdAt: createdAt.toISOString(),
      })),
      nextCursor,
    };
  }

  /** @throws LatchkeyError `conflict` when the address has an account. */
  async create({ email, password, role }: CreateAccountRequest): Promise<ListedAccount> {
    const account = { id: newId(), email, role, passwordGenerated: false };
    const added = await this.accounts.insert({ ...account, passwordHash: await hashPassword(password) });
    if (!added) throw new LatchkeyError('conflict', `There is an account of ${email} already.`);
    return { ...account, createdAt: new Date().toISOString() };
  }

  /** Deletes an account and ends its sessions. @throws LatchkeyError `not-found`, `conflict` for the last admin. */
  async delete(id: string): Promise<void> {
    const outcome = await this.accounts.delete(id);
    if (outcome === 'absent') throw new LatchkeyError('not-found', `There is no account ${id}.`);
    if (outcome === 'last-admin') {
      throw new LatchkeyError('conflict', 'This is the last admin; make another admin before deleting it.');
    }
    this.sessions.tellEnded();
  }
}

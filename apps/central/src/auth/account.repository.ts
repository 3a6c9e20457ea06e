import type { Role } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** An account with what is needed to sign in to it. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly passwordGenerated: boolean;
}

const columns = `id, email, role, password_hash AS "passwordHash", password_generated AS "passwordGenerated"`;

/** SQL of accounts. */
@Injectable()
export class AccountRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The account of an address (lower case), null when there is none. */
  async findByEmail(email: string): Promise<Account | null> {
    const [account] = await this.database.rows<Account>(`SELECT ${columns} FROM account WHERE email = $1`, [email]);
    return account ?? null;
  }

  /** Whether there is any account yet. */
  async any(): Promise<boolean> {
    return (await this.database.rows('SELECT 1 FROM account LIMIT 1')).length > 0;
  }

  /** Adds an account; false when its address has one already. */
  async insert(account: Account): Promise<boolean> {
    const added = await this.database.run(
      `INSERT INTO account (id, email, role, password_hash, password_generated) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (email) DO NOTHING`,
      [account.id, account.email, account.role, account.passwordHash, account.passwordGenerated],
    );
    return added === 1;
  }

  /** Accounts by address, after `after`. */
  async list(after: string, limit: number): Promise<(Account & { readonly createdAt: Date })[]> {
    return this.database.rows(
      `SELECT ${columns}, created_at AS "createdAt" FROM account WHERE email > $1 ORDER BY email LIMIT $2`,
      [after, limit],
    );
  }

  /**
   * Deletes an account with its sessions, but not the last admin.
   * @returns what became of it.
   */
  async delete(id: string): Promise<'deleted' | 'last-admin' | 'absent'> {
    return this.database.transaction(async (sql) => {
      // Locks all admins: two who delete each other at once must not both succeed.
      const admins = await sql.rows<{ id: string }>(
        `SELECT id FROM account WHERE role = 'admin' ORDER BY id FOR UPDATE`,
      );
      if (admins.length === 1 && admins[0]?.id === id) return 'last-admin';
      return (await sql.run('DELETE FROM account WHERE id = $1', [id])) === 1 ? 'deleted' : 'absent';
    });
  }

  /** Sets a password and ends every session of the account but the one that is named. */
  async setPassword(
    id: string,
    passwordHash: string,
    passwordGenerated: boolean,
    keepTokenHash: string | null,
  ): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.run('UPDATE account SET password_hash = $2, password_generated = $3 WHERE id = $1', [
        id,
        passwordHash,
        passwordGenerated,
      ]);
      await sql.run('DELETE FROM session WHERE account_id = $1 AND token_hash IS DISTINCT FROM $2', [
        id,
        keepTokenHash,
      ]);
    });
  }
}

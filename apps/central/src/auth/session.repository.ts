import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import type { SignedIn } from './signed-in.ts';

/** A session to be stored. */
export interface NewSession {
  readonly tokenHash: string;
  readonly accountId: string;
  readonly address: string;
  readonly expiresAt: Date;
}

/** SQL of sessions. */
@Injectable()
export class SessionRepository {
  readonly #onEnded = new Set<() => void>();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Adds a session and forgets those that have ended. */
  async insert(session: NewSession, now: Date): Promise<void> {
    await this.database.run('DELETE FROM session WHERE expires_at <= $1', [now]);
    await this.database.run(
      'INSERT INTO session (token_hash, account_id, address, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)',
      [session.tokenHash, session.accountId, session.address, session.expiresAt, now],
    );
  }

  /** Who a session belongs to; null when there is no such session or it has ended. */
  async find(tokenHash: string, now: Date): Promise<SignedIn | null> {
    const [signedIn] = await this.database.rows<SignedIn>(
      `SELECT account.id AS "accountId", account.email, account.role,
              account.password_generated AS "passwordGenerated", session.token_hash AS "tokenHash"
       FROM session JOIN account ON account.id = session.account_id
       WHERE session.token_hash = $1 AND session.expires_at > $2`,
      [tokenHash, now],
    );
    return signedIn ?? null;
  }

  /** Calls `listener` whenever sessions were ended at this instance: who serves a long answer asks again who may go on. */
  onEnded(listener: () => void): void {
    this.#onEnded.add(listener);
  }

  /** Tells those who listen; call it after the commit that ended sessions. */
  tellEnded(): void {
    for (const listener of this.#onEnded) listener();
  }

  /** Ends a session. */
  async delete(tokenHash: string): Promise<void> {
    await this.database.run('DELETE FROM session WHERE token_hash = $1', [tokenHash]);
  }
}

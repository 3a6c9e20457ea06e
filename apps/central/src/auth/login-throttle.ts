import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** Failed sign-ins that are allowed in one window. */
const allowed = {
  /** One account from one address: somebody who mistypes a password. */
  pair: 10,
  /** One address, any account: somebody who tries one password on many accounts. Many people may share an address. */
  address: 50,
  /** One account, any address: somebody with many addresses. */
  account: 100,
} as const;
const windowMinutes = 15;

/**
 * Slows down guessing of passwords. Counts are kept in the database, so that every central instance has the same ones and a
 * restart does not reset them.
 */
@Injectable()
export class LoginThrottle {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Counts an attempt before its password is looked at, so that many at once are counted too.
   * @throws LatchkeyError `too-many-requests` when one of the limits is reached.
   */
  async begin(email: string, address: string): Promise<void> {
    const limits = limitsOf(email, address);
    const rows = await this.database.rows<{ key: string; failures: number; waitS: number }>(
      `INSERT INTO login_attempt AS attempt (key, failures, window_ends_at)
       SELECT key, 1, now() + make_interval(mins => $2) FROM unnest($1::text[]) AS key ORDER BY key
       ON CONFLICT (key) DO UPDATE SET
         failures = CASE WHEN attempt.window_ends_at <= now() THEN 1 ELSE attempt.failures + 1 END,
         window_ends_at = CASE WHEN attempt.window_ends_at <= now() THEN excluded.window_ends_at
                               ELSE attempt.window_ends_at END
       RETURNING key, failures, ceil(extract(epoch FROM window_ends_at - now()))::int AS "waitS"`,
      [[...limits.keys()], windowMinutes],
    );
    const waits = rows.filter(({ key, failures }) => failures > (limits.get(key) ?? 0)).map(({ waitS }) => waitS);
    if (waits.length > 0) {
      const retryAfterS = Math.max(1, ...waits);
      throw new LatchkeyError(
        'too-many-requests',
        `Too many failed sign-ins; try again in ${Math.ceil(retryAfterS / 60)} min.`,
        { details: { retryAfterS } },
      );
    }
  }

  /** Takes an attempt back that was a success. */
  async succeeded(email: string, address: string): Promise<void> {
    const keys = [...limitsOf(email, address).keys()];
    await this.database.run('UPDATE login_attempt SET failures = greatest(failures - 1, 0) WHERE key = ANY($1)', [
      keys,
    ]);
    await this.database.run('DELETE FROM login_attempt WHERE key = $1 OR window_ends_at <= now()', [
      pairKey(email, address),
    ]);
  }
}

function limitsOf(email: string, address: string): Map<string, number> {
  return new Map([
    [pairKey(email, address), allowed.pair],
    [`address:${address}`, allowed.address],
    [`account:${email}`, allowed.account],
  ]);
}

function pairKey(email: string, address: string): string {
  return `pair:${address}:${email}`;
}

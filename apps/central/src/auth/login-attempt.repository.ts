import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** Failed attempts that count for a key now. */
export interface LoginAttempts {
  readonly key: string;
  readonly failures: number;
  /** Seconds until they are forgotten. */
  readonly waitS: number;
}

/** SQL of attempts to sign in. */
@Injectable()
export class LoginAttemptRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Counts one more failure for each key; a window that has ended begins anew. */
  async count(keys: readonly string[], windowMinutes: number): Promise<LoginAttempts[]> {
    return this.database.rows<LoginAttempts>(
      `INSERT INTO login_attempt AS attempt (key, failures, window_ends_at)
       SELECT key, 1, now() + make_interval(mins => $2) FROM unnest($1::text[]) AS key ORDER BY key
       ON CONFLICT (key) DO UPDATE SET
         failures = CASE WHEN attempt.window_ends_at <= now() THEN 1 ELSE attempt.failures + 1 END,
         window_ends_at = CASE WHEN attempt.window_ends_at <= now() THEN excluded.window_ends_at
                               ELSE attempt.window_ends_at END
       RETURNING key, failures, ceil(extract(epoch FROM window_ends_at - now()))::int AS "waitS"`,
      [keys, windowMinutes],
    );
  }

  /** Takes one failure of each key back, forgets all of one, and those whose window has ended. */
  async takeBack(keys: readonly string[], forget: string): Promise<void> {
    await this.database.run('UPDATE login_attempt SET failures = greatest(failures - 1, 0) WHERE key = ANY($1)', [
      keys,
    ]);
    await this.database.run('DELETE FROM login_attempt WHERE key = $1 OR window_ends_at <= now()', [forget]);
  }
}

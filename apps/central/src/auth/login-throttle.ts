import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { LoginAttemptRepository } from './login-attempt.repository.ts';

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
  constructor(@Inject(LoginAttemptRepository) private readonly attempts: LoginAttemptRepository) {}

  /**
   * Counts an attempt before its password is looked at, so that many at once are counted too.
   * @throws LatchkeyError `too-many-requests` when one of the limits is reached.
   */
  async begin(email: string, address: string): Promise<void> {
    const limits = limitsOf(email, address);
    const rows = await this.attempts.count([...limits.keys()], windowMinutes);
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
    await this.attempts.takeBack([...limitsOf(email, address).keys()], pairKey(email, address));
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

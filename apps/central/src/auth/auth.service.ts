import { randomBytes } from 'node:crypto';
import type { AccountView, LoginRequest, LoginResponse, PasswordRequest } from '@latchkey/contracts';
import { type Clock, LatchkeyError, sha256Hex } from '@latchkey/domain';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK } from '../runtime/runtime.module.ts';
import { type Account, AccountRepository } from './account.repository.ts';
import { FirstAdmin } from './first-admin.ts';
import { LoginThrottle } from './login-throttle.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { SessionRepository } from './session.repository.ts';
import type { SignedIn } from './signed-in.ts';

/** How long a sign-in lasts. */
export const sessionLifetimeMs = 7 * 24 * 60 * 60 * 1000;

/** Signing in and out, and passwords. */
@Injectable()
export class AuthService implements OnModuleInit {
  /** Hash of a password that nobody has: unknown accounts take as long to be refused as known ones. */
  #decoyHash = '';

  constructor(
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
    @Inject(LoginThrottle) private readonly throttle: LoginThrottle,
    @Inject(FirstAdmin) private readonly firstAdmin: FirstAdmin,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#decoyHash = await hashPassword(randomBytes(32).toString('hex'));
  }

  /**
   * Begins a session.
   * @throws LatchkeyError `wrong-credentials`, or `too-many-requests` after too many of them.
   */
  async login({ email, password }: LoginRequest, address: string): Promise<LoginResponse> {
    await this.throttle.begin(email, address);
    const account = await this.accounts.findByEmail(email);
    const right = await verifyPassword(account?.passwordHash ?? this.#decoyHash, password);
    if (!account || !right) throw wrongCredentials();
    await this.throttle.succeeded(email, address);
    return this.#beginSession(account, address);
  }

  /** Ends the session that asks for it. */
  async logout(signedIn: SignedIn): Promise<void> {
    await this.sessions.delete(signedIn.tokenHash);
    this.sessions.tellEnded();
  }

  /**
   * Changes one's own password; other sessions of the account end.
   * @throws LatchkeyError `wrong-credentials`, `too-many-requests`, or `invalid-input` when it is the old one.
   */
  async changePassword(signedIn: SignedIn, request: PasswordRequest, address: string): Promise<void> {
    await this.throttle.begin(signedIn.email, address);
    const account = await this.accounts.findByEmail(signedIn.email);
    if (!account || !(await verifyPassword(account.passwordHash, request.currentPassword))) throw wrongCredentials();
    await this.throttle.succeeded(signedIn.email, address);
    if (request.newPassword === request.currentPassword) {
      throw new LatchkeyError('invalid-input', 'The new password is the old one; choose another.');
    }
    await this.accounts.setPassword(account.id, await hashPassword(request.newPassword), false, signedIn.tokenHash);
    this.sessions.tellEnded();
    await this.firstAdmin.passwordChanged(account.email);
  }

  /** Who a token belongs to; null when it is unknown or its session has ended. */
  async authenticate(token: string): Promise<SignedIn | null> {
    return this.sessions.find(sha256Hex(token), new Date(this.clock.now()));
  }

  async #beginSession(account: Account, address: string): Promise<LoginResponse> {
    const now = this.clock.now();
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(now + sessionLifetimeMs);
    await this.sessions.insert(
      { tokenHash: sha256Hex(token), accountId: account.id, address, expiresAt },
      new Date(now),
    );
    return { token, expiresAt: expiresAt.toISOString(), account: accountView(account) };
  }
}

/** An account as the API shows one. */
export function accountView({ email, role, passwordGenerated }: AccountView): AccountView {
  return { email, role, passwordGenerated };
}

function wrongCredentials(): LatchkeyError {
  return new LatchkeyError('wrong-credentials', 'E-mail address and password do not belong together.');
}

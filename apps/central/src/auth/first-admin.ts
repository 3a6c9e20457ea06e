import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CentralConfig } from '@latchkey/config';
import { type Clock, uuidV7 } from '@latchkey/domain';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { z } from 'zod';
import { CENTRAL_CONFIG, CLOCK, LOGGER } from '../runtime/runtime.module.ts';
import { type Account, AccountRepository } from './account.repository.ts';
import { generatePassword, hashPassword, verifyPassword } from './password.ts';

/** Address of the account that central makes at its first start. */
export const firstAdminEmail = 'admin@latchkey.local';

const storedPassword = z.object({ email: z.literal(firstAdminEmail), password: z.string().min(1) });

/**
 * The account that central makes at its first start. Its generated password stays in `keys/first-admin.json` (mode 0600), to
 * be shown on the console, until somebody changes it.
 */
@Injectable()
export class FirstAdmin implements OnModuleInit {
  #password: string | null = null;
  #onChanged: () => void = () => undefined;

  constructor(
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The generated password, null once it was changed. */
  get password(): string | null {
    return this.#password;
  }

  /** Sets who is told when the generated password was changed. */
  onPasswordChanged(listener: () => void): void {
    this.#onChanged = listener;
  }

  async onModuleInit(): Promise<void> {
    const admin = await this.accounts.findByEmail(firstAdminEmail);
    if (admin === null) {
      if (await this.accounts.any()) await rm(this.#file, { force: true });
      else await this.#create();
    } else if (admin.passwordGenerated) {
      await this.#recall(admin);
    } else {
      await rm(this.#file, { force: true });
    }
  }

  /** Forgets the generated password of the account, which has chosen its own now. */
  async passwordChanged(email: string): Promise<void> {
    if (email !== firstAdminEmail || this.#password === null) return;
    this.#password = null;
    await rm(this.#file, { force: true });
    this.#onChanged();
  }

  get #file(): string {
    return join(this.config.dataDir, 'keys', 'first-admin.json');
  }

  /** The file is written before the account exists: a crash in between leaves a password that the next start uses. */
  async #create(): Promise<void> {
    const password = (await this.#read()) ?? generatePassword();
    await this.#write(password);
    const added = await this.accounts.insert({
      id: uuidV7(this.clock.now(), randomBytes(16)),
      email: firstAdminEmail,
      role: 'admin',
      passwordHash: await hashPassword(password),
      passwordGenerated: true,
    });
    if (added) this.#password = password;
    else await rm(this.#file, { force: true });
  }

  /** A generated password that nobody can read any more is replaced: else nobody could sign in. */
  async #recall(admin: Account): Promise<void> {
    const stored = await this.#read();
    if (stored !== null && (await verifyPassword(admin.passwordHash, stored))) {
      this.#password = stored;
      return;
    }
    const password = generatePassword();
    await this.#write(password);
    await this.accounts.setPassword(admin.id, await hashPassword(password), true, null);
    this.#password = password;
    this.logger.warn(
      { email: firstAdminEmail },
      'the generated password was not in keys/first-admin.json: made a new one',
    );
  }

  async #read(): Promise<string | null> {
    const text = await readFile(this.#file, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return storedPassword.parse(JSON.parse(text)).password;
    } catch {
      return null;
    }
  }

  async #write(password: string): Promise<void> {
    await mkdir(join(this.config.dataDir, 'keys'), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.${process.pid}`;
    await writeFile(temporary, `${JSON.stringify({ email: firstAdminEmail, password })}\n`, { mode: 0o600 });
    await rename(temporary, this.#file);
  }
}

import { readFile } from 'node:fs/promises';
import { Central } from '@latchkey/central';
import { type CentralConfig, readCentralConfig } from '@latchkey/config';
import type { Role } from '@latchkey/contracts';
import { type TemporaryFolder, TestDatabase, temporaryFolder } from '@latchkey/testing';
import pino from 'pino';
import { ApiClient } from './api-client.ts';

const firstAdminEmail = 'admin@latchkey.local';
/** Of every account that a test makes. */
export const testPassword = 'correct horse battery staple';

/** A real central on a fresh database, with its broker in it and a folder of its own, for one test file. */
export class CentralFixture {
  readonly database = new TestDatabase();
  readonly #overrides: (databaseUrl: string) => Partial<CentralConfig>;
  #folder: TemporaryFolder | null = null;
  #central: Central | null = null;

  /** @param overrides what is configured otherwise, given the address of the fresh database. */
  constructor(overrides: (databaseUrl: string) => Partial<CentralConfig> = () => ({})) {
    this.#overrides = overrides;
  }

  /** Throws before {@link start}. */
  get central(): Central {
    if (!this.#central) throw new Error('Central is not started.');
    return this.#central;
  }

  /** Folder of central's keys and uploads. */
  get dataDir(): string {
    this.#folder ??= temporaryFolder();
    return this.#folder.path;
  }

  /** Address of the API, without `/api`. */
  get url(): string {
    return this.central.httpUrl;
  }

  /** Starts database and central; after {@link stopCentral} central alone, on the same data. */
  async start(): Promise<void> {
    await this.database.start();
    const config: CentralConfig = {
      ...readCentralConfig({
        LATCHKEY_DATABASE_URL: this.database.url,
        LATCHKEY_DATA_DIR: this.dataDir,
        LATCHKEY_HTTP_PORT: '0',
      }),
      ...this.#overrides(this.database.url),
    };
    const central = new Central({ config, logger: pino({ level: 'silent' }) });
    await central.start();
    this.#central = central;
  }

  /** Stops central and keeps its data. */
  async stopCentral(): Promise<void> {
    await this.#central?.stop();
    this.#central = null;
  }

  async stop(): Promise<void> {
    await this.stopCentral();
    await this.database.stop();
    this.#folder?.remove();
    this.#folder = null;
  }

  /** Nobody is signed in. */
  anonymous(): ApiClient {
    return new ApiClient(this.url, null);
  }

  /** The first admin with the password that central made. */
  async admin(): Promise<ApiClient> {
    return this.signIn(firstAdminEmail, await this.generatedPassword());
  }

  /** A new account of a role. */
  async account(role: Role): Promise<ApiClient> {
    const email = `${role}-${Math.random().toString(36).slice(2)}@example.org`;
    const made = await (await this.admin()).post('accounts', { email, password: testPassword, role });
    if (made.status !== 201) throw new Error(`No account: ${made.status} ${JSON.stringify(made.body)}`);
    return this.signIn(email, testPassword);
  }

  /** Signs in, and fails unless that works. */
  async signIn(email: string, password: string): Promise<ApiClient> {
    const answer = await this.anonymous().post('auth/login', { email, password });
    if (answer.status !== 200) throw new Error(`No sign-in: ${answer.status} ${JSON.stringify(answer.body)}`);
    return new ApiClient(this.url, answer.body.token);
  }

  /** What stands in `keys/first-admin.json`. */
  async generatedPassword(): Promise<string> {
    return JSON.parse(await readFile(`${this.dataDir}/keys/first-admin.json`, 'utf8')).password;
  }
}

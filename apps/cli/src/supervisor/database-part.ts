import { EmbeddedPostgres } from '@latchkey/embedded';
import { type Announcement, withoutPassword } from './announcement.ts';

/** What the database part needs. */
export interface DatabasePartOptions {
  /** An existing server; null: run the embedded one. */
  readonly databaseUrl: string | null;
  /** Folder of the embedded server. */
  readonly dataDir: string;
  announce(announcement: Announcement): void;
  /** The embedded server came back after it had ended; `moved`: at another address. */
  onRestarted(moved: boolean): void;
}

const restartDelayMs = 500;
const longestDelayMs = 30_000;

/** The database of `latchkey up`: an embedded Postgres that is started again when it ends, or somebody else's server. */
export class DatabasePart {
  readonly #options: DatabasePartOptions;
  readonly #postgres: EmbeddedPostgres | null;
  #url: string | null;
  #pid: number | null = null;
  #restart: NodeJS.Timeout | null = null;
  #busy: Promise<void> = Promise.resolve();
  #wanted = false;

  constructor(options: DatabasePartOptions) {
    this.#options = options;
    this.#url = options.databaseUrl;
    this.#postgres = options.databaseUrl
      ? null
      : new EmbeddedPostgres({ dataDir: options.dataDir, onExit: () => this.#ended(restartDelayMs) });
  }

  /** Address of the database with user and password; null before {@link start}. */
  get url(): string | null {
    return this.#url;
  }

  /** Number of the embedded server's process. */
  get pid(): number | null {
    return this.#pid;
  }

  /**
   * Starts the embedded server; with somebody else's there is nothing to do.
   * @throws LatchkeyError as {@link EmbeddedPostgres.start} does.
   */
  async start(): Promise<void> {
    this.#wanted = true;
    await this.#run();
  }

  /** Stops the embedded server. May be called twice, and while it starts. */
  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
    await this.#busy.catch(() => {});
    await this.#postgres?.stop();
    this.#pid = null;
  }

  #run(): Promise<void> {
    this.#busy = this.#launch();
    return this.#busy;
  }

  async #launch(): Promise<void> {
    const startedMs = performance.now();
    const server = await this.#postgres?.start();
    if (server) {
      this.#url = server.url;
      this.#pid = server.pid;
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const notes = server
      ? [server.adopted ? 'found running' : null, server.account ? `as ${server.account}` : null]
      : ['as LATCHKEY_DATABASE_URL says'];
    const detail = [withoutPassword(this.#url ?? ''), ...notes.filter((note) => note !== null)].join(', ');
    this.#options.announce({ event: 'ready', part: 'postgres', seconds, detail });
  }

  #ended(restartInMs: number): void {
    if (!this.#wanted) return;
    const why = 'its log is server.log in its folder';
    this.#options.announce({ event: 'ended', part: 'postgres', how: 'gone', restartInMs, why });
    this.#restart = setTimeout(() => {
      const before = this.#url;
      this.#run().then(
        () => this.#options.onRestarted(this.#url !== before),
        () => this.#ended(Math.min(restartInMs * 2, longestDelayMs)),
      );
    }, restartInMs);
  }
}

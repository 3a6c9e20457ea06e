import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LatchkeyError } from '@latchkey/domain';
import { freePort } from '../free-port.ts';
import { isProcessAlive, waitForExit } from '../process-state.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { runningPostmaster } from './postmaster-pid.ts';
import { type ServerAccount, serverAccount } from './server-account.ts';
import { answersAsOurs, databaseUrl, prepareDatabase } from './server-connection.ts';
import { launchServer, makeDataDirectory } from './server-process.ts';
import { newSecrets, readSecrets, type ServerSecrets, writeSecrets } from './server-secrets.ts';

/** Where an embedded Postgres lives. */
export interface EmbeddedPostgresOptions {
  /** Folder of the server: `data/`, `server.json` (passwords, 0600), `server.log`. */
  readonly dataDir: string;
  /** First port to try, 0: any free one. The port of the last start wins while it is free. Default 5432. */
  readonly port?: number;
  /** Called once when the server has gone without {@link EmbeddedPostgres.stop}. */
  readonly onExit?: () => void;
}

/** How a started server is reached. */
export interface RunningPostgres {
  /** Of the database `latchkey` for its owner, a role that may make databases and is no superuser. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** True when the server was found running, left by a process that was killed. */
  readonly adopted: boolean;
  /** As whom the server runs when that is another account than ours; for the console. */
  readonly account: string | null;
}

/** Where a server was found or started. */
type Listening = Pick<RunningPostgres, 'pid' | 'port' | 'adopted'>;

/** After a crash Postgres replays its log first; nothing sensible takes longer on a door's data. */
const startTimeoutMs = 120_000;
const stopTimeoutMs = 20_000;
const watchIntervalMs = 250;

/**
 * A real Postgres out of npm, for `npm start` and tests: loopback only, passwords (SCRAM) made at its first start. The
 * server is a session of its own: a terminal's Ctrl-C does not reach it, and when this process is killed it runs on and is
 * adopted by the next {@link start}.
 */
export class EmbeddedPostgres {
  readonly #dataDir: string;
  readonly #pgData: string;
  readonly #preferredPort: number;
  readonly #onExit: (() => void) | undefined;
  #running: RunningPostgres | null = null;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: EmbeddedPostgresOptions) {
    this.#dataDir = resolve(options.dataDir);
    this.#pgData = join(this.#dataDir, 'data');
    this.#preferredPort = options.port ?? 5432;
    this.#onExit = options.onExit;
  }

  /**
   * Starts the server, or adopts the one that already runs on this folder. A second call answers as the first.
   * @throws LatchkeyError `missing-file` when there is no Postgres for this machine or root finds no account for it,
   *   `storage-corrupt` when the data is of another Postgres or its passwords are gone, `database-unavailable` when it
   *   does not start.
   */
  async start(): Promise<RunningPostgres> {
    if (this.#running && isProcessAlive(this.#running.pid)) return this.#running;
    await mkdir(this.#dataDir, { recursive: true });
    const binaries = await postgresBinaries();
    const account = await serverAccount(this.#dataDir, this.#pgData, binaries.postgres);
    const secrets = await this.#secrets();
    await makeDataDirectory(this.#dataDir, binaries.initdb, account, secrets);
    const server = (await this.#adopt(secrets)) ?? (await this.#launch(binaries, account, secrets));
    await prepareDatabase(server.port, secrets);
    await writeSecrets(this.#dataDir, { ...secrets, port: server.port });
    this.#running = { url: databaseUrl(server.port, secrets), ...server, account: account.description };
    this.#watchOver(server.pid);
    return this.#running;
  }

  /** Shuts the server down, everything on disk. Does nothing when it does not run or was not started by this object. */
  async stop(): Promise<void> {
    if (this.#watch) clearInterval(this.#watch);
    this.#watch = null;
    const pid = this.#running?.pid;
    this.#running = null;
    if (pid === undefined) return;
    // Fast shutdown; immediate shutdown, which recovers at the next start; and what nothing survives.
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (!isProcessAlive(pid)) return;
      process.kill(pid, signal);
      if (await waitForExit(pid, stopTimeoutMs)) return;
    }
  }

  async #secrets(): Promise<ServerSecrets> {
    const known = await readSecrets(this.#dataDir);
    if (known) return known;
    if (existsSync(join(this.#pgData, 'PG_VERSION'))) {
      throw new LatchkeyError(
        'storage-corrupt',
        `${this.#pgData} holds a database, but its passwords (server.json beside it) are gone; restore that file or move the folder away.`,
      );
    }
    const secrets = newSecrets();
    await writeSecrets(this.#dataDir, secrets);
    return secrets;
  }

  /** The server that already runs on our data and takes our password; null when none does. */
  async #adopt(secrets: ServerSecrets): Promise<Listening | null> {
    const deadlineMs = performance.now() + startTimeoutMs;
    for (;;) {
      const found = runningPostmaster(this.#pgData);
      if (!found) break;
      const { pid, port, ready } = found;
      if (ready && (await answersAsOurs(port, this.#pgData, secrets))) return { pid, port, adopted: true };
      if (performance.now() > deadlineMs) throw notOurs(pid, this.#pgData);
      await delay(100);
    }
    // Left by a server that was killed. Postgres would refuse to start if its number now belonged to a process of the same account.
    await rm(join(this.#pgData, 'postmaster.pid'), { force: true });
    return null;
  }

  async #launch(binaries: PostgresBinaries, account: ServerAccount, secrets: ServerSecrets): Promise<Listening> {
    const deadlineMs = performance.now() + startTimeoutMs;
    let port = await this.#firstPort(secrets);
    for (;;) {
      const result = await launchServer(this.#dataDir, binaries.postgres, account, port, deadlineMs);
      if ('pid' in result) return { pid: result.pid, port, adopted: false };
      // Somebody took the port in between, or the children of a killed server have not noticed its end yet.
      const portTaken = result.failure.includes('could not create any TCP/IP sockets');
      const stillHeld = /shared memory block .* is still in use/.test(result.failure);
      if (!(portTaken || stillHeld) || performance.now() > deadlineMs) throw notStarted(result.failure, this.#dataDir);
      if (portTaken) port = await freePort(port + 1);
      await delay(200);
    }
  }

  async #firstPort({ port: last }: ServerSecrets): Promise<number> {
    if (last !== null && (await freePort(last)) === last) return last;
    return freePort(this.#preferredPort);
  }

  #watchOver(pid: number): void {
    if (this.#watch) clearInterval(this.#watch);
    const watch = setInterval(() => {
      if (isProcessAlive(pid)) return;
      clearInterval(watch);
      this.#watch = null;
      this.#running = null;
      this.#onExit?.();
    }, watchIntervalMs);
    watch.unref();
    this.#watch = watch;
  }
}

function notOurs(pid: number, pgData: string): LatchkeyError {
  return new LatchkeyError(
    'database-unavailable',
    `Process ${pid} is a Postgres on ${pgData} that does not answer to our password; stop it and start again.`,
  );
}

function notStarted(failure: string, dataDir: string): LatchkeyError {
  const log = join(dataDir, 'server.log');
  if (failure.includes('incompatible with server')) {
    return new LatchkeyError(
      'storage-corrupt',
      `${dataDir} was made by another version of Postgres: ${failure}. Move it with pg_dump, or move the folder away to begin anew.`,
    );
  }
  return new LatchkeyError('database-unavailable', `Postgres did not start (log: ${log}): ${failure}`);
}

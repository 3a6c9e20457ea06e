import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LatchkeyError } from '@latchkey/domain';
import { runningPostmaster } from './postmaster-pid.ts';
import type { ServerAccount } from './server-account.ts';
import { loopback, superuser } from './server-connection.ts';
import type { ServerSecrets } from './server-secrets.ts';

const maxLogBytes = 10 * 1024 * 1024;

/** Nothing of ours: `PG…` variables of a user would change what the server does. */
const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * Makes the data directory `dataDir/data` when there is none. A crash in between leaves a partial one, which the next
 * call throws away.
 * @throws LatchkeyError `database-unavailable` with what `initdb` said.
 */
export async function makeDataDirectory(
  dataDir: string,
  initdb: string,
  account: ServerAccount,
  secrets: ServerSecrets,
): Promise<void> {
  const pgData = join(dataDir, 'data');
  if (existsSync(join(pgData, 'PG_VERSION'))) return;
  const partial = join(dataDir, 'data.partial');
  const passwordFile = join(dataDir, 'password.partial');
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, secrets.superuserPassword, { mode: 0o600 });
  try {
    if (account.owner) {
      const { uid, gid } = account.owner;
      await Promise.all([partial, passwordFile].map((path) => chown(path, uid, gid)));
    }
    await runToEnd(account, initdb, [
      `--pgdata=${partial}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      // Letters beyond ASCII compare and fold alike on every machine, whatever locales it has installed.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(partial, pgData);
}

function runToEnd(account: ServerAccount, program: string, args: readonly string[]): Promise<void> {
  const { command, args: words, uid, gid } = account.commandLine(program, args);
  return new Promise((done, reject) => {
    const child = spawn(command, [...words], {
      uid,
      gid,
      env: environment,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return done();
      reject(new LatchkeyError('database-unavailable', `The database could not be made: ${output.trim()}`));
    });
  });
}

/** How one try to start the server ended: its process number once it is ready, else what it said. */
export type LaunchResult = { readonly pid: number } | { readonly failure: string };

/**
 * Starts the server on `dataDir/data` in a session of its own and waits until it is ready or has ended. It writes into
 * `dataDir/server.log`, not to us: it must neither fall silent nor fail when we are killed.
 */
export async function launchServer(
  dataDir: string,
  postgres: string,
  account: ServerAccount,
  port: number,
  deadlineMs: number,
): Promise<LaunchResult> {
  const pgData = join(dataDir, 'data');
  const log = await openLog(join(dataDir, 'server.log'));
  const settings = {
    listen_addresses: loopback,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args, uid, gid } = account.commandLine(postgres, ['-D', pgData, '-p', String(port), ...flags]);
  const child = spawn(command, [...args], {
    uid,
    gid,
    env: environment,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
  });
  closeSync(log.descriptor);
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', () => {
    failure ??= '';
  });
  child.unref();
  while (failure === null) {
    const server = runningPostmaster(pgData);
    if (server?.ready && server.pid === child.pid) return { pid: server.pid };
    if (performance.now() > deadlineMs) {
      child.kill('SIGQUIT');
      return { failure: 'it did not become ready in time' };
    }
    await delay(20);
  }
  const said = (await readFile(log.path)).subarray(log.length).toString('utf8');
  return { failure: failure || said.trim() || 'it ended without a word' };
}

async function openLog(path: string): Promise<{ path: string; descriptor: number; length: number }> {
  const size = await stat(path).then(
    (entry) => entry.size,
    () => 0,
  );
  const full = size > maxLogBytes;
  if (full) await rename(path, `${path}.1`);
  return { path, descriptor: openSync(path, 'a', 0o600), length: full ? 0 : size };
}

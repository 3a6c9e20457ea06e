import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { waitForExit } from '../process-state.ts';
import { EmbeddedPostgres } from './embedded-postgres.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const compiled = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

let folder: string;
let servers: EmbeddedPostgres[];

beforeEach(() => {
  // Of mode 0700 and, in a root's run, root's: Postgres as another user must get through it.
  folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'));
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function aServer(options: { port?: number; onExit?: () => void; dataDir?: string } = {}): EmbeddedPostgres {
  const server = new EmbeddedPostgres({ dataDir: join(folder, 'postgres'), port: 0, ...options });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a server from a Node process that is killed when it has started; resolves to what start() gave. */
async function startAndDie(dataDir: string, account: { uid?: number; gid?: number } = {}): Promise<{ pid: number }> {
  const script = `
    const { EmbeddedPostgres } = await import(${JSON.stringify(compiled)});
    const running = await new EmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0 }).start();
    process.stdout.write(JSON.stringify(running), () => process.kill(process.pid, 'SIGKILL'));`;
  const child = run(process.execPath, ['--input-type=module', '-e', script], { ...account, cwd: '/' });
  const output = await child.then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout || Promise.reject(new Error(error.stderr)),
  );
  return JSON.parse(output) as { pid: number };
}

describe('EmbeddedPostgres', () => {
  it('answers to its generated password alone, on loopback alone, as no superuser', async () => {
    const { url, port } = await aServer().start();
    expect(await query(url, 'SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
      { current_user: 'latchkey', rolsuper: false },
    ]);
    await expect(query(url.replace(/:[^:@]+@/, ':guess@'), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
    const elsewhere = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && !address.internal && address.family === 'IPv4');
    if (elsewhere) await expect(query(url.replace('127.0.0.1', elsewhere.address), 'SELECT 1')).rejects.toThrow();
    expect(statSync(join(folder, 'postgres', 'server.json')).mode & 0o777).toBe(0o600);
    expect(port).toBeGreaterThan(0);
  });

  it('keeps data, address and password between starts', async () => {
    const first = await aServer().start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await servers[0]?.stop();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    const second = await aServer().start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('steps over a port that is taken', async () => {
    const other = createServer();
    const taken = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    const { port } = await aServer({ port: taken }).start();
    expect(port).toBeGreaterThan(taken);
    await new Promise((resolve) => other.close(resolve));
  });

  it('adopts the server that a killed Node left running', async () => {
    const left = await startAndDie(join(folder, 'postgres'));
    const found = await aServer().start();
    expect(found).toMatchObject({ pid: left.pid, adopted: true });
    expect(await query(found.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await servers[0]?.stop();
    expect(await waitForExit(left.pid, 0)).toBe(true);
  });

  it('tells of its end and loses nothing committed when it is killed', async () => {
    let told: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      told = resolve;
    });
    const server = aServer({ onExit: () => told() });
    const first = await server.start();
    await query(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number');
    process.kill(first.pid, 'SIGKILL');
    await ended;
    const second = await server.start();
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second.url, 'SELECT count(*)::int FROM kept')).toEqual([{ count: 1000 }]);
  });

  it('is not held up by a pid file whose number now belongs to another process', async () => {
    const first = await aServer().start();
    const pidFile = join(folder, 'postgres', 'data', 'postmaster.pid');
    const content = readFileSync(pidFile, 'utf8');
    await servers[0]?.stop();
    writeFileSync(pidFile, content.replace(/^\d+/, String(process.pid)));
    expect((await aServer().start()).url).toBe(first.url);
  });

  it('makes its data anew when making it was cut short', async () => {
    const partial = join(folder, 'postgres', 'data.partial');
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, 'PG_VERSION'), '18\n');
    await expect(aServer().start()).resolves.toMatchObject({ adopted: false });
    expect(existsSync(partial)).toBe(false);
  });

  it('refuses data whose passwords are gone and says where they were', async () => {
    await aServer().start();
    await servers[0]?.stop();
    rmSync(join(folder, 'postgres', 'server.json'));
    await expect(aServer().start()).rejects.toMatchObject({
      code: 'storage-corrupt',
      message: expect.stringContaining('server.json'),
    });
  });

  it('can be started and stopped twice', async () => {
    const server = aServer();
    expect(await server.start()).toEqual(await server.start());
    await server.stop();
    await server.stop();
  });

  const asRoot = isRoot ? it : it.skip;

  asRoot('runs as another user in a folder that only root may enter', async () => {
    chmodSync(folder, 0o700);
    const { account, pid } = await aServer().start();
    expect(account).toMatch(/^user \w+ with dac_/);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m);
    expect(statSync(join(folder, 'postgres', 'data')).uid).not.toBe(0);
  });

  asRoot('runs as a user who is not root', async () => {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout),
    );
    const reachable = spawnSync(process.execPath, ['-e', `fs.readFileSync(${JSON.stringify(compiled)})`], {
      uid,
      gid,
      cwd: '/',
    });
    if (reachable.status !== 0) {
      console.log('skipped: the user nobody cannot read this checkout');
      return;
    }
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-nobody-'));
    spawnSync('chown', [`${uid}:${gid}`, dataDir]);
    const { pid } = await startAndDie(join(dataDir, 'postgres'), { uid, gid });
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\s+${uid}\\s`, 'm'));
    process.kill(pid, 'SIGINT');
    await waitForExit(pid, 10_000);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres, isProcessAlive, waitForExit } from '@latchkey/embedded';
import pg from 'pg';
import type { Announcement } from './announcement.ts';
import type { RunInfo } from './run-file.ts';
import { Supervisor } from './supervisor.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

let folder: string;
let said: Announcement[];
let supervisors: Supervisor[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-up-'));
  said = [];
  supervisors = [];
});

afterEach(async () => {
  await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** A supervisor with a real Postgres; central and agent are stand-ins that speak its protocol. */
function aSupervisor(changes: { demo?: boolean; databaseUrl?: string } = {}): Supervisor {
  const supervisor = new Supervisor({
    dataDir: folder,
    httpPort: 0,
    siteId: 'main',
    databaseUrl: changes.databaseUrl ?? null,
    parts: {
      central: fixture('central-stand-in.mjs'),
      agent: fixture('agent-stand-in.mjs'),
      dashboard: null,
      demoCamera: '.',
    },
    demo: changes.demo === false ? null : { camera: { address: '.', shown: '.' } },
    announce: (announcement) => said.push(announcement),
  });
  supervisors.push(supervisor);
  return supervisor;
}

const runFile = () => join(folder, 'run.json');
const readRunFile = () => JSON.parse(readFileSync(runFile(), 'utf8')) as RunInfo;
const pidOf = (name: string, info = readRunFile()) => info.processes.find((entry) => entry.name === name)?.pid ?? 0;

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(20);
  }
}

/** Kills a part and waits until `run.json` names its successor. */
async function replaced(name: string): Promise<number> {
  const before = pidOf(name);
  process.kill(before, 'SIGKILL');
  return until(`${name} is replaced`, () => {
    const now = pidOf(name);
    return now !== 0 && now !== before && now;
  });
}

describe('Supervisor', () => {
  it('writes run.json for its owner alone when every part is ready, and leaves nothing behind when stopped', async () => {
    const info = await aSupervisor().start();
    expect(readRunFile()).toEqual(info);
    expect(statSync(runFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'agent-demo', 'agent.json')).mode & 0o777).toBe(0o600);
    expect(info).toMatchObject({
      httpUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      mqttUrl: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/),
      databaseUrl: expect.stringMatching(/^postgresql:\/\/latchkey:/),
      admin: { email: 'admin@latchkey.local', password: 'generated' },
    });
    expect(info.processes.map(({ name }) => name)).toEqual(['supervisor', 'postgres', 'central', 'agent-demo']);
    expect(said.filter(({ event }) => event === 'ready')).toHaveLength(3);

    await supervisors[0]?.stop();
    const others = info.processes.filter(({ name }) => name !== 'supervisor');
    expect(others.filter(({ pid }) => isProcessAlive(pid))).toEqual([]);
    expect(existsSync(runFile())).toBe(false);
    expect(existsSync(join(folder, 'up.lock'))).toBe(false);
  });

  it('stops agents before central, so that their last events arrive', async () => {
    await aSupervisor().start();
    await supervisors[0]?.stop();
    expect(readFileSync(join(folder, 'agent-stopped'), 'utf8')).toBe('before central');
    expect(existsSync(join(folder, 'central-stopped'))).toBe(true);
  });

  it('replaces a killed agent and a killed central, which keeps its addresses', async () => {
    const { httpUrl, mqttUrl } = await aSupervisor().start();
    await replaced('agent-demo');
    await replaced('central');
    expect(readRunFile()).toMatchObject({ httpUrl, mqttUrl });
    expect(said.filter(({ event }) => event === 'ended')).toHaveLength(2);
  });

  it('replaces a killed Postgres with everything that was committed', async () => {
    const { databaseUrl } = await aSupervisor({ demo: false }).start();
    const query = async (sql: string) => {
      const client = new pg.Client({ connectionString: readRunFile().databaseUrl });
      client.on('error', () => {});
      await client.connect();
      const { rows } = await client.query(sql);
      await client.end();
      return rows;
    };
    await query('CREATE TABLE kept AS SELECT 1 AS one');
    await replaced('postgres');
    expect(readRunFile().databaseUrl).toBe(databaseUrl);
    expect(await query('SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  it('forgets the password in run.json when the admin has chosen another', async () => {
    writeFileSync(join(folder, 'password-changes'), '');
    await aSupervisor({ demo: false }).start();
    await until('the password is gone', () => readRunFile().admin.password === null);
  });

  it('runs without a demo agent and without a Postgres of its own when told so', async () => {
    const database = new EmbeddedPostgres({ dataDir: join(folder, 'elsewhere'), port: 0 });
    const { url } = await database.start();
    const info = await aSupervisor({ demo: false, databaseUrl: url }).start();
    expect(info.databaseUrl).toBe(url);
    expect(info.processes.map(({ name }) => name)).toEqual(['supervisor', 'central']);
    await supervisors[0]?.stop();
    await expect(database.start()).resolves.toMatchObject({ url });
    await database.stop();
  });

  it('gives up, with the reason and the code that its log tells, when central cannot start, and stops the rest', async () => {
    writeFileSync(join(folder, 'central-fails'), '');
    await expect(aSupervisor().start()).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringMatching(/central did not start.*exit code 3.*\ncannot start: no schema/s),
    });
    expect(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
    expect(existsSync(runFile())).toBe(false);
  });

  it('stops cleanly when it is told to in the middle of its start', async () => {
    const supervisor = aSupervisor();
    const started = supervisor.start().catch((error: Error) => error.message);
    await until('central was started', () => said.some((line) => line.event === 'ready' && line.part === 'postgres'));
    await supervisor.stop();
    expect(await started).toMatch(/stopped while it started/);
    expect(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
  });

  it('leaves a folder alone on which another supervisor works', async () => {
    await aSupervisor({ demo: false }).start();
    await expect(aSupervisor().start()).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/already runs.*Ctrl-C/),
    });
    expect(isProcessAlive(pidOf('central'))).toBe(true);
  });

  describe('after a supervisor was killed', () => {
    let first: ChildProcess;
    let before: RunInfo;

    beforeEach(async () => {
      first = spawn(process.execPath, [fixture('run-supervisor.mjs'), folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => first.stdout?.once('data', resolve));
      before = readRunFile();
      first.kill('SIGKILL');
      await waitForExit(first.pid ?? 0, 5000);
    });

    it('starts again on what is left: Postgres is adopted, the children are new', async () => {
      const after = await aSupervisor().start();
      expect(pidOf('postgres', after)).toBe(pidOf('postgres', before));
      for (const name of ['central', 'agent-demo']) {
        expect(pidOf(name, after)).not.toBe(pidOf(name, before));
        expect(isProcessAlive(pidOf(name, before))).toBe(false);
      }
    });
  });
});

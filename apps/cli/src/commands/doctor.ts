import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readCliConfig, readUpConfig } from '@latchkey/config';
import { EmbeddedPostgres, freePort } from '@latchkey/embedded';
import { listEngines, ModelStore } from '@latchkey/vision';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { installedParts } from '../supervisor/part-paths.ts';

/** One thing that was looked at. */
interface Finding {
  readonly check: string;
  /** `note`: works, but differs from what one would expect. */
  readonly state: 'ok' | 'note' | 'bad';
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** Models, a database and its log: what a first start writes, with some room. */
const neededBytes = 1024 ** 3;

/** `latchkey doctor`: looks at everything that `latchkey up` needs and says what to do about what is not right. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Checks what Latchkey needs on this machine and prints how to fix what is not right. Exit code 3: something.',
    )
    .option('--data <dir>', 'folder of everything that is kept (default: .latchkey)');
  command.action(async (flags: { readonly data?: string }) => {
    const config = readUpConfig();
    const dataDir = resolve(flags.data ?? config.dataDir);
    const findings = [
      node(),
      await engines(),
      await models(),
      config.databaseUrl ? await server('database', config.databaseUrl, 5432) : await embeddedDatabase(),
      config.mqttUrl ? await server('broker', config.mqttUrl, 1883) : await port('broker port', 1883),
      await port('HTTP port', config.httpPort),
      dashboard(),
      await disk(dataDir),
    ];
    const lines = findings.map(
      ({ check, state, found, fix }) =>
        `${state.padEnd(5)}${check.padEnd(13)}${found}${fix ? `\n${''.padEnd(18)}→ ${fix}` : ''}`,
    );
    outputOf(command).result(lines.join('\n'), { findings });
    process.exitCode = findings.some(({ state }) => state === 'bad') ? exitCodes.serviceMissing : exitCodes.done;
  });
}

function node(): Finding {
  const found = `${process.version} on ${process.platform}-${process.arch}`;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 11)) return { check: 'Node', state: 'ok', found };
  return { check: 'Node', state: 'bad', found, fix: 'Install Node 20.11 or newer.' };
}

async function engines(): Promise<Finding> {
  const all = await listEngines(readCliConfig());
  const first = all.find(({ available }) => available);
  if (first) return { check: 'engine', state: 'ok', found: `${first.name}: ${first.reason}` };
  const found = all.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  return { check: 'engine', state: 'bad', found, fix: 'Run "npm ci"; on Linux glibc 2.28 or newer is needed.' };
}

async function models(): Promise<Finding> {
  const all = await new ModelStore(readCliConfig().modelCacheDir).list();
  const broken = all.flatMap(({ bundled, problem }) => (bundled && problem) || []);
  if (broken.length === 0) return { check: 'models', state: 'ok', found: 'all files are there and undamaged' };
  return { check: 'models', state: 'bad', found: broken.join('; '), fix: 'Run "npm ci".' };
}

/** The embedded Postgres is really started once, in a folder of its own. */
async function embeddedDatabase(): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'));
  const postgres = new EmbeddedPostgres({ dataDir: folder, port: 0 });
  try {
    const { account } = await postgres.start();
    return { check: 'database', state: 'ok', found: `embedded Postgres starts${account ? ` as ${account}` : ''}` };
  } catch (error) {
    return {
      check: 'database',
      state: 'bad',
      found: (error as Error).message,
      fix: 'Or set LATCHKEY_DATABASE_URL to a Postgres server.',
    };
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function server(check: string, address: string, defaultPort: number): Promise<Finding> {
  const { hostname, port: given } = new URL(address);
  const at = `${hostname}:${given || defaultPort}`;
  const answers = await new Promise<boolean>((done) => {
    const socket = connect({ host: hostname, port: Number(given || defaultPort) });
    const settle = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(5000, () => settle(false));
  });
  if (answers) return { check, state: 'ok', found: `${at} answers` };
  return {
    check,
    state: 'bad',
    found: `${at} does not answer`,
    fix: `Start it, or unset LATCHKEY_${check === 'broker' ? 'MQTT' : 'DATABASE'}_URL.`,
  };
}

async function port(check: string, wanted: number): Promise<Finding> {
  const free = await freePort(wanted);
  if (free === wanted || wanted === 0) return { check, state: 'ok', found: `${free} is free` };
  return { check, state: 'note', found: `${wanted} is taken; ${free} will be used` };
}

function dashboard(): Finding {
  if (installedParts().dashboard) return { check: 'dashboard', state: 'ok', found: 'built' };
  return { check: 'dashboard', state: 'bad', found: 'not built; only the API is served', fix: 'Run "npm run build".' };
}

async function disk(dataDir: string): Promise<Finding> {
  for (let folder = dataDir; ; folder = dirname(folder)) {
    const space = await statfs(folder).catch(() => null);
    if (!space && dirname(folder) !== folder) continue;
    const free = space ? space.bavail * space.bsize : 0;
    const found = `${(free / 1024 ** 3).toFixed(1)} GB free for ${dataDir}`;
    if (free >= neededBytes) return { check: 'disk', state: 'ok', found };
    return { check: 'disk', state: 'bad', found, fix: 'Free at least 1 GB, or pass another --data.' };
  }
}

import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventually, temporaryFolder } from '@latchkey/testing';
import { z } from 'zod';
import { demoPictures } from './demo-pictures.ts';
import { FaultWorld } from './durability-world.ts';
import { childMemoryMB, SoakedAgent } from './soak-agent.ts';
import { faultsOf, maxRssMB, type SoakMinute, warmUpOf } from './soak-verdict.ts';

const usage = 'Usage: npm run soak -- [--minutes N] [--json]; N is a number of minutes, default 10.';
const deviceId = 'soaked';
const lookEveryMs = 2_000;

const columns = [
  'minute',
  'RSS MB',
  'most',
  'heap MB',
  'handles',
  'threads',
  'events',
  'warnings',
  'errors',
  'central MB',
];

/**
 * An agent with its default models before a folder of pictures, with central, broker and Postgres, each a process of its own: what
 * they take, minute by minute. The run fails when something grows or goes wrong, see `faultsOf`; Ctrl-C judges what there is.
 */
async function soak(minutes: number, tell: (minute: SoakMinute) => void, signal: AbortSignal): Promise<SoakMinute[]> {
  const folder = temporaryFolder();
  const world = new FaultWorld(folder);
  let agent: SoakedAgent | null = null;
  const seen: SoakMinute[] = [];
  try {
    const identity = await world.start(deviceId);
    const camera = join(folder.path, 'pictures');
    mkdirSync(camera);
    for (const picture of demoPictures()) copyFileSync(picture, join(camera, basename(picture)));
    // The first start compiles the networks, which takes memory once and never again.
    for (const start of ['first', 'measured']) {
      await agent?.stop();
      agent = SoakedAgent.start(folder.path, identity, camera);
      await readiness(start, agent, signal);
    }
    for (let minute = 1; agent && minute <= minutes && !signal.aborted; minute++) {
      const measured = await watch(minute, agent, world, signal);
      if (!measured) break;
      seen.push(measured);
      tell(measured);
    }
    if (agent) assertRuns(agent);
    return seen;
  } finally {
    await agent?.stop();
    await world.stop();
    folder.remove();
  }
}

async function readiness(start: string, agent: SoakedAgent, signal: AbortSignal): Promise<void> {
  await eventually(`the ${start} agent is ready`, () => agent.ready || agent.ended !== null || signal.aborted, 180_000);
  assertRuns(agent);
}

function assertRuns({ ended, errors }: SoakedAgent): void {
  if (ended !== null) throw new Error(`The agent ended (${ended}). ${errors.slice(-3).join(' ')}`);
}

/** One minute; null when it was cut short. */
async function watch(
  minute: number,
  agent: SoakedAgent,
  world: FaultWorld,
  signal: AbortSignal,
): Promise<SoakMinute | null> {
  const before = { events: await countOf(world), warnings: agent.warnings, errors: agent.errors.length };
  const until = performance.now() + 60_000;
  const looks: NonNullable<ReturnType<SoakedAgent['look']>>[] = [];
  while (performance.now() < until) {
    await delay(Math.min(lookEveryMs, Math.max(0, until - performance.now())), undefined, { signal }).catch(
      () => undefined,
    );
    if (signal.aborted || agent.ended !== null) return null;
    const look = agent.look();
    if (look) looks.push(look);
  }
  const least = (values: readonly number[]) => Math.min(...values);
  const most = (values: readonly number[]) => Math.max(...values);
  return {
    minute,
    rssMB: least(looks.map(({ rssMB }) => rssMB)),
    rssMaxMB: most(looks.map(({ rssMB }) => rssMB)),
    heapMB: agent.takeHeapMB(),
    handles: most(looks.map(({ handles }) => handles)),
    threads: most(looks.map(({ threads }) => threads)),
    events: (await countOf(world)) - before.events,
    warnings: agent.warnings - before.warnings,
    errors: agent.errors.length - before.errors,
    centralMB: childMemoryMB('apps/central/dist/main.js'),
  };
}

async function countOf(world: FaultWorld): Promise<number> {
  const [row] = await world.rows<{ count: number }>('SELECT count(*)::int AS count FROM event');
  return row?.count ?? 0;
}

function asLine(values: readonly (string | number | null)[]): string {
  return values
    .map((value, i) => {
      const text = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : String(value ?? '-');
      return text.padStart(Math.max(8, columns[i]?.length ?? 0));
    })
    .join('  ');
}

function rowOf(minute: SoakMinute): string {
  const { rssMB, rssMaxMB, heapMB, handles, threads, events, warnings, errors, centralMB } = minute;
  return asLine([minute.minute, rssMB, rssMaxMB, heapMB, handles, threads, events, warnings, errors, centralMB]);
}

async function main(): Promise<number> {
  let minutes: number;
  let json: boolean;
  try {
    const { values } = parseArgs({
      options: { minutes: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } },
    });
    minutes = z.coerce.number().int().min(1).parse(values.minutes);
    json = values.json;
  } catch {
    console.error(usage);
    return 2;
  }
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ended.abort());
  console.error(
    `${minutes} minutes, of which ${warmUpOf(minutes)} to warm up. At most ${maxRssMB} MB; the first minute begins when the agent is ready.`,
  );
  if (!json) console.log(asLine(columns));
  const seen = await soak(minutes, (minute) => !json && console.log(rowOf(minute)), ended.signal);
  const faults = faultsOf(seen);
  if (json) console.log(JSON.stringify({ minutes: seen, faults }));
  else if (faults.length > 0) console.log(faults.map((fault) => `FAILED: ${fault}`).join('\n'));
  else console.log(seen.length < minutes ? `Ended after ${seen.length} minutes; nothing was wrong so far.` : 'Flat.');
  return faults.length > 0 ? 1 : 0;
}

process.exitCode = await main();

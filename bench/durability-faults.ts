import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventually, openAgentDatabase, SimulatedAgentProcess, temporaryFolder } from '@latchkey/testing';
import { z } from 'zod';
import { type Fault, type Life, lifeOf } from './durability-plan.ts';
import { judge, type LoggedEvent, type Verdict } from './durability-verdict.ts';
import { FaultWorld } from './durability-world.ts';
import { type Figure, figureOf } from './figure.ts';

/** One run of {@link runFaults}. */
export interface FaultRunOptions {
  readonly kills: number;
  readonly events: number;
  readonly seed: number;
  /** The first life of the schedule, from 1: a run that was broken off goes on here, on an empty disk. */
  readonly from?: number;
  /** Pause between two events of the agent: time to connect and to be acknowledged before it dies. */
  readonly everyMs?: number;
  /** Told how far it is. */
  readonly tell: (line: string) => void;
}

/** What came of a run. */
export interface FaultRunResult extends Verdict {
  readonly kills: number;
  /** Events that the agent said were on its disk. */
  readonly appended: number;
  /** Events left in the outbox at the end. */
  readonly pending: number;
  /** Numbers that central still waits for, and messages that it could not use. */
  readonly unsettled: number;
  readonly deadLetters: number;
  readonly deaths: FaultWorld['deaths'];
  readonly faults: Readonly<Partial<Record<Fault | 'offline', number>>>;
}

const deviceId = 'door-1';
/** Small, so that a time offline overflows it. */
const maxEvents = 300;
const lastSeqRow = z.object({ stream_id: z.string(), last_seq: z.number() });

/**
 * An agent's outbox and uplink in a process that is killed with -9 at random points while the lines break and broker, central and
 * Postgres die too; then everything heals, the outbox drains, and the log is compared with what happened (PROTOCOL.md §2).
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRunResult> {
  const { kills, events, seed, from = 1, tell } = options;
  const folder = temporaryFolder();
  const world = new FaultWorld(folder);
  let agent: SimulatedAgentProcess | null = null;
  try {
    const identity = await world.start(deviceId);
    const disk = folder.file(deviceId);
    const task = { folder: disk, identity, window: 20, maxEvents, healthEvery: 5 };
    agent = new SimulatedAgentProcess({ ...task, events: 1_000_000_000, everyMs: options.everyMs ?? 10 });
    const faults: Partial<Record<Fault | 'offline', number>> = {};
    for (let number = from; number < from + kills; number++) {
      const life = lifeOf(seed, number, Math.max(1, Math.round(events / kills)));
      const { fault } = life;
      faults[fault] = (faults[fault] ?? 0) + 1;
      if (life.offline) faults.offline = (faults.offline ?? 0) + 1;
      await live(agent, life, world);
      if (number % 10 === 0 || number === from + kills - 1) {
        tell(`seed ${seed}, kill ${number} of ${from + kills - 1}, ${agent.appended.length} events on disk`);
      }
    }
    await world.heal();
    // Nothing new: what is on disk goes out.
    agent.appendUpTo(0);
    await agent.start();
    await eventually('the outbox is empty', () => agent?.drained, 300_000);
    await agent.stop();
    const lastSeqs = lastSeqsOf(disk);
    const verdict = judge(await world.rows<LoggedEvent>(logSql), agent.appended, lastSeqs.last);
    return {
      ...verdict,
      kills,
      appended: agent.appended.length,
      pending: lastSeqs.pending,
      unsettled: await countOf(world, 'device_stream_above'),
      deadLetters: await countOf(world, 'dead_letter'),
      deaths: world.deaths,
      faults,
    };
  } finally {
    await agent?.kill();
    await world.stop();
    folder.remove();
  }
}

/** Columns that {@link judge} looks at. */
const logSql = `SELECT position::int, stream_id, seq::int, id, kind, CASE kind WHEN 'dropped' THEN body END AS body FROM event`;

/** One life of the agent, with what else goes wrong in it. */
async function live(agent: SimulatedAgentProcess, life: Life, world: FaultWorld): Promise<void> {
  if (life.offline) world.deviceLink.refuse();
  const before = agent.appended.length;
  await agent.start();
  const untilStored = (events: number) =>
    eventually(`event ${events} of life ${life.number}`, () => agent.appended.length >= before + events, 60_000);
  await untilStored(Math.floor(life.events * life.faultAt));
  happen(life.fault, world);
  await untilStored(life.events);
  await delay(life.extraMs);
  await agent.kill();
  world.deviceLink.heal();
}

function happen(fault: Fault, world: FaultWorld): void {
  switch (fault) {
    case 'none':
      break;
    case 'cut':
    case 'tear':
    case 'stall':
    case 'swallow':
    case 'refuse':
      world.deviceLink[fault]();
      break;
    case 'central-cut':
      world.centralLink.tear();
      break;
    case 'broker-dies':
      world.kill('broker');
      break;
    case 'central-dies':
      world.kill('central');
      break;
    case 'postgres-dies':
      world.kill('postgres');
      break;
  }
}

/** What the disk of an agent that has ended says. */
function lastSeqsOf(disk: string): { readonly last: ReadonlyMap<string, number>; readonly pending: number } {
  const database = openAgentDatabase(disk);
  try {
    const rows = database.all('SELECT stream_id, last_seq FROM outbox_stream').map((row) => lastSeqRow.parse(row));
    const pending = database.get('SELECT count(*) AS pending FROM outbox_event WHERE state = 0')?.pending;
    return { last: new Map(rows.map(({ stream_id, last_seq }) => [stream_id, last_seq])), pending: Number(pending) };
  } finally {
    database.close();
  }
}

async function countOf(world: FaultWorld, table: 'device_stream_above' | 'dead_letter'): Promise<number> {
  const [row] = await world.rows<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return row?.count ?? Number.NaN;
}

/**
 * `npm run bench -- faults --kills N --events N [--seed N] [--from N]`: what must be nothing. The seed is printed; with it and `--from`
 * the same schedule runs again, or goes on where it was broken off.
 */
export async function measureFaults(flags: readonly string[]): Promise<readonly Figure[]> {
  const { values } = parseArgs({
    args: flags.filter((flag) => flag !== '--json'),
    options: {
      kills: { type: 'string', default: '500' },
      events: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      from: { type: 'string', default: '1' },
    },
  });
  const count = z.coerce.number().int().min(1);
  const result = await runFaults({
    kills: count.parse(values.kills),
    events: count.parse(values.events),
    seed: z.coerce.number().int().parse(values.seed),
    from: count.parse(values.from),
    tell: (line) => console.error(line),
  });
  console.error(JSON.stringify(result));
  const none = (id: string, value: number) =>
    figureOf({ id: `faults.${id}`, value, unit: 'events', goal: 0, higherIsBetter: false });
  return [
    figureOf({ id: 'faults.kills', value: result.kills, unit: 'kills', goal: 1, higherIsBetter: true }),
    figureOf({ id: 'faults.logged', value: result.logged, unit: 'events', goal: 1, higherIsBetter: true }),
    none('lost', result.lost),
    none('doubled', result.doubled),
    none('disordered', result.disordered),
    none('pending', result.pending),
    none('unsettled', result.unsettled),
    none('dead-letters', result.deadLetters),
  ];
}

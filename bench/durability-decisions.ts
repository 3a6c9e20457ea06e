import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceBody } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { DoorDriver, EventRecorder, LoggingDoor, lockOf, openAgentDatabase } from '@latchkey/edge-agent';
import { Outbox } from '@latchkey/link';
import { pino } from 'pino';

/** Times of one thing in milliseconds. */
interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** What one agent's disk does. */
interface Decisions {
  /** From a decision to its event on disk. */
  readonly event: Quantiles;
  /** From a decision to the door's actuator being told. */
  readonly actuator: Quantiles;
  /** The same bytes, appended to a bare file and flushed. */
  readonly bare: Quantiles;
  /** Events one after another, without doors. */
  readonly eventsPerSecond: number;
  readonly flushesPerSecond: number;
  /** What an event adds to the write-ahead log. */
  readonly bytes: number;
}

const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
/** Of the usual size of a face's picture. */
const picture = randomBytes(8 * 1024);
const warmUp = 20;

function granted(): FaceBody {
  return {
    personId: randomUUID(),
    claimedPersonId: null,
    distance: 0.31,
    maxDistance: 0.5,
    margin: 0.2,
    decision: 'granted',
    reasons: ['matched'],
    liveness: 0.9,
    quality: 85,
    modelId: 'bench',
    galleryRevision: 7,
    trackId: randomUUID(),
    box: { x: 100, y: 80, width: 160, height: 190 },
    snapshotId: randomUUID(),
    encoding: null,
  };
}

/** The real recorder, outbox, driver and logging door, one decision after another; between two decisions the bare file. */
export async function measureDecisions(folder: string, rounds: number): Promise<Decisions> {
  const { database, prepared: outbox } = openAgentDatabase(folder, 'bench', (made) => {
    const outbox = new Outbox({ database: made, clock, randomBytes });
    outbox.open();
    return outbox;
  });
  const logger = pino({ level: 'info' }, pino.destination({ dest: '/dev/null', sync: true }));
  const stamp = () => ({ occurredAt: clock.now(), clockOffsetMs: 0, clockTrusted: true });
  const recorder = new EventRecorder(outbox, stamp, logger);
  mkdirSync(join(folder, 'bare'));
  const bareFile = openSync(join(folder, 'bare', 'file'), 'a');
  try {
    const bytes = bytesPerEvent(
      () => recorder.record('verification', granted(), picture),
      join(folder, 'data/agent.db-wal'),
    );
    const block = randomBytes(bytes);
    const flush = () => {
      writeSync(bareFile, block);
      fsyncSync(bareFile);
    };
    const times = { event: [] as number[], actuator: [] as number[], bare: [] as number[] };
    for (let round = -warmUp; round < rounds; round++) {
      const { event, actuator } = await decide(recorder, logger);
      const bare = timeOf(flush);
      if (round < 0) continue;
      times.event.push(event);
      times.actuator.push(actuator);
      times.bare.push(bare);
    }
    return {
      event: quantilesOf(times.event),
      actuator: quantilesOf(times.actuator),
      bare: quantilesOf(times.bare),
      eventsPerSecond: perSecond(rounds, () => recorder.record('verification', granted(), picture)),
      flushesPerSecond: perSecond(rounds, flush),
      bytes,
    };
  } finally {
    closeSync(bareFile);
    outbox.close();
    database.close();
  }
}

/** One decision as the agent carries it out: event on disk, then the door. A door of its own each time: none is still open. */
async function decide(recorder: EventRecorder, logger: pino.Logger): Promise<{ event: number; actuator: number }> {
  let toldAt = Number.NaN;
  const door = new LoggingDoor(logger);
  const told = {
    open: (holdMs: number): Promise<void> => {
      toldAt = performance.now();
      return door.open(holdMs);
    },
  };
  const driver = new DoorDriver({
    hardware: { lock: lockOf(told), inputs: null, exitOpens: false },
    recorder,
    clock,
    times: () => ({ holdOpenMs: 1, relockMs: 1, heldOpenAfterMs: 30_000, actuatorTimeoutMs: 2_000 }),
    sessionId: randomUUID(),
    logger,
  });
  driver.start();
  const body = granted();
  const decidedAt = performance.now();
  recorder.record('verification', body, picture);
  const onDiskAt = performance.now();
  await driver.grant({ decidedAt, origin: 'recognition', trackId: body.trackId, personId: body.personId });
  await driver.stop();
  return { event: onDiskAt - decidedAt, actuator: toldAt - decidedAt };
}

/** How much a typical event adds to the log: the middle of some, since the log begins anew now and then. */
function bytesPerEvent(record: () => void, log: string): number {
  const grown: number[] = [];
  for (let i = 0; i < 15; i++) {
    const before = statSync(log).size;
    record();
    grown.push(statSync(log).size - before);
  }
  return grown.sort((a, b) => a - b)[7] ?? 0;
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function perSecond(rounds: number, work: () => void): number {
  const ms = timeOf(() => {
    for (let i = 0; i < rounds; i++) work();
  });
  return (rounds * 1000) / ms;
}

function quantilesOf(times: readonly number[]): Quantiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

import { randomBytes, randomUUID } from 'node:crypto';
import type { AgentIdentity, FaceBody } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { Outbox } from '@latchkey/link';
import { eventually, openAgentDatabase, SimulatedAgentProcess, temporaryFolder } from '@latchkey/testing';
import { FaultWorld } from './durability-world.ts';

const deviceId = 'door-1';
const weekMs = 7 * 24 * 3_600_000;
const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
/** Small, so that 100,000 of them stay below the outbox's 512 MiB, where pictures would be given up. */
const pictureBytes = 2_500;
const perTransaction = 1_000;

/**
 * Stores a week's events, then lets the agent's outbox and uplink, in a process of their own, bring them to central: real broker,
 * central and Postgres as processes.
 * @returns seconds from the agent's start until the last one was acknowledged, and how many are in the log.
 */
export async function measureDrain(disk: string, events: number): Promise<{ seconds: number; logged: number }> {
  const folder = temporaryFolder();
  const world = new FaultWorld(folder);
  let agent: SimulatedAgentProcess | null = null;
  try {
    const identity: AgentIdentity = await world.start(deviceId);
    fill(disk, events);
    agent = new SimulatedAgentProcess({ folder: disk, identity, events: 0, everyMs: 0 });
    const startedAt = performance.now();
    await agent.start();
    await eventually('the outbox is empty', () => agent?.drained, 60_000 + events * 20);
    const seconds = (performance.now() - startedAt) / 1000;
    const [row] = await world.rows<{ count: number }>('SELECT count(*)::int AS count FROM event');
    return { seconds, logged: row?.count ?? 0 };
  } finally {
    await agent?.kill();
    await world.stop();
    folder.remove();
  }
}

/** Many events in one transaction: how fast they are stored one by one is measured elsewhere. */
function fill(disk: string, events: number): void {
  const database = openAgentDatabase(disk);
  const outbox = new Outbox({ database, clock, randomBytes });
  outbox.open();
  const picture = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(pictureBytes)]).toString('base64');
  const began = Date.now() - weekMs;
  for (let done = 0; done < events; done += perTransaction) {
    database.transaction(() => {
      for (let i = done; i < Math.min(events, done + perTransaction); i++) {
        const occurredAt = began + Math.floor((i / events) * weekMs);
        outbox.append({
          kind: 'recognition',
          body: recognition(),
          thumbnail: picture,
          occurredAt,
          clockOffsetMs: 0,
          clockTrusted: true,
        });
      }
    });
  }
  outbox.close();
  database.close();
}

function recognition(): FaceBody {
  return {
    personId: null,
    claimedPersonId: null,
    distance: 0.7,
    maxDistance: 0.5,
    margin: null,
    decision: 'unknown',
    reasons: ['too-far'],
    liveness: null,
    quality: 80,
    modelId: 'bench',
    galleryRevision: 1,
    trackId: randomUUID(),
    box: { x: 10, y: 20, width: 100, height: 120 },
    snapshotId: null,
    encoding: null,
  };
}

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bodyHashOf } from '@latchkey/domain';
import { Outbox, SigningKeys } from '@latchkey/link';
import {
  eventually,
  ManualClock,
  openAgentDatabase,
  SimulatedAgentProcess,
  type TemporaryFolder,
  temporaryFolder,
} from '@latchkey/testing';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('an outbox whose process is killed with -9 while it appends', () => {
  it('holds every event that append has returned, gapless from 1 in every stream, none twice', async () => {
    const rounds = 6;
    const agent = new SimulatedAgentProcess({
      folder: folder.path,
      identity: {
        siteId: 'lab',
        deviceId: 'door-1',
        // Nobody listens there: the outbox only fills.
        mqtt: { url: 'mqtt://127.0.0.1:9', username: '', password: '' },
        trustedKeys: [...SigningKeys.loadOrCreate(folder.file('signing')).trustedKeys()],
      },
      events: 1_000_000,
      everyMs: 0,
    });
    for (let round = 1; round <= rounds; round++) {
      const before = agent.appended.length;
      await agent.start();
      await eventually('some events', () => agent.appended.length > before + 20 + Math.random() * 100);
      await agent.kill();
    }

    const database = openAgentDatabase(folder.path);
    expect(database.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
    const outbox = new Outbox({ database, clock: new ManualClock(), randomBytes });
    outbox.open();
    const events = outbox.pending({ limit: 1_000_000 }).map(({ envelope }) => envelope);
    const onDisk = new Set(events.map(({ streamId, seq, id }) => `${streamId}/${seq}/${id}`));

    expect(agent.appended.filter(({ streamId, seq, id }) => !onDisk.has(`${streamId}/${seq}/${id}`))).toEqual([]);
    expect(onDisk.size).toBe(events.length);
    const streams = [...new Set(events.map(({ streamId }) => streamId))];
    expect(streams).toHaveLength(rounds);
    for (const streamId of streams) {
      const sequences = events.filter((event) => event.streamId === streamId).map(({ seq }) => seq);
      expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, i) => i + 1));
    }
    expect(events.every(({ body, bodyHash }) => bodyHashOf(body) === bodyHash)).toBe(true);
    outbox.close();
    database.close();
  });
});

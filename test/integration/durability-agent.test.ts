import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { healthBody } from '@latchkey/contracts';
import { LocalDatabase } from '@latchkey/link';
import { eventually } from '@latchkey/testing';
import { damagedExitCode } from '../../apps/edge-agent/src/exit-code.ts';
import { AgentSite, enrolment } from './agent-site.ts';

const pageBytes = 4096;

describe('an agent whose database is damaged while it runs', () => {
  let site: AgentSite;

  beforeEach(async () => {
    site = new AgentSite();
    await site.open();
    site.configure(1);
    site.staff.change(...enrolment(randomUUID(), 'Somebody', Float32Array.from({ length: 128 }, Math.random)));
  });

  afterEach(() => site.close());

  /** Makes a page of a table unreadable, on disk and in the agent's cache: a writer beside it makes the agent read anew. */
  function damage(table: string): void {
    const path = `${site.agentDir}/data/agent.db`;
    const encryptionKeyHex = readFileSync(`${site.agentDir}/keys/agent.key`, 'utf8').trim();
    const database = LocalDatabase.open({ path, encryptionKeyHex });
    try {
      const root = Number(database.get('SELECT rootpage FROM sqlite_schema WHERE name = ?', [table])?.rootpage);
      database.run(`INSERT INTO setting VALUES ('${randomUUID()}', '0')`);
      database.get('PRAGMA wal_checkpoint(TRUNCATE)');
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(64, 7), 0, 64, (root - 1) * pageBytes);
      closeSync(file);
    } finally {
      database.close();
    }
  }

  it('ends with a code of its own; the next start sends every event that was on disk, says so, and has its gallery again', async () => {
    site.show(1);
    site.agent.start();
    await eventually('it holds the gallery', () => site.reported('staff') === site.staff.head().contentHash, 60_000);
    await eventually('frames are analysed', () => site.agent.ready, 60_000);
    await site.broker.crash();
    const before = site.agent.lines.length;
    const decided = () => site.agent.lines.slice(before).filter((line) => line.includes('"msg":"decision"')).length;
    await eventually('events wait for central', () => decided() >= 2, 60_000);

    const waiting = decided();
    let code: number | null | undefined;
    void site.agent.exit.then((ended) => {
      code = ended;
    });
    let next = 0;
    await eventually(
      'it ends',
      () => {
        // Again until it is met: what the agent writes meanwhile may hide it.
        if (performance.now() > next && !existsSync(`${site.agentDir}/data/agent.db.damaged`)) {
          damage('outbox_stream');
          next = performance.now() + 2_000;
        }
        return code !== undefined;
      },
      60_000,
    );
    expect(code).toBe(damagedExitCode);
    expect(site.agent.lines.some((line) => line.includes('the database is damaged; nobody is let in'))).toBe(true);

    await site.broker.start();
    await eventually('central is connected', () => site.raw.connected);
    // The broker has forgotten what was retained; central says it again on every connect.
    site.configure(1);
    site.agent.start();
    const told = () =>
      site.log.map(({ body }) => healthBody.safeParse(body).data).find((body) => body?.state === 'storage-corrupt');
    await eventually('it says so', () => told() !== undefined, 60_000);
    expect(told()).toMatchObject({ message: expect.stringContaining('none was lost') });
    const streams = [...new Set(site.log.map(({ streamId }) => streamId))];
    expect(streams).toHaveLength(2);
    for (const stream of streams) {
      const sequences = site.log.filter(({ streamId }) => streamId === stream).map(({ seq }) => seq);
      expect([...sequences].sort((a, b) => a - b)).toEqual(sequences.map((_, i) => i + 1));
    }
    expect(site.log.filter(({ streamId }) => streamId === streams[0]).length).toBeGreaterThanOrEqual(waiting);
    await eventually('it holds the gallery', () => site.reported('staff') === site.staff.head().contentHash);
    expect(readdirSync(`${site.agentDir}/data`).filter((name) => /corrupt|damaged/.test(name))).toEqual([]);
  }, 180_000);
});

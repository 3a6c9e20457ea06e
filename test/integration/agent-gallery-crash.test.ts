import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentHashOfRows, type GalleryHead } from '@latchkey/domain';
import { eventually } from '@latchkey/testing';
import { openAgentDatabase } from '../../apps/edge-agent/src/store/agent-database.ts';
import { GalleryRepository } from '../../apps/edge-agent/src/store/gallery.repository.ts';
import { AgentSite, enrolment } from './agent-site.ts';

const rounds = 6;

describe('a gallery whose agent is killed with -9 while it is written', () => {
  let site: AgentSite;

  beforeEach(async () => {
    site = new AgentSite();
    await site.open();
    site.staff.rowsPerChunk = 20;
    site.configure(1);
  });

  afterEach(() => site.close());

  /** What lies on disk: the head, and the hash of the rows that belong to it. */
  function onDisk(): { head: GalleryHead; rowsHash: string } | null {
    const { database } = openAgentDatabase(site.agentDir, 'test', () => null);
    try {
      const repository = new GalleryRepository(database);
      const [head] = repository.heads();
      return head ? { head, rowsHash: contentHashOfRows(repository.content('staff', head.generation)) } : null;
    } finally {
      database.close();
    }
  }

  it('is the old one or the new one, never a mix', async () => {
    const hashes = new Map<string, string>();
    const note = () => {
      const { epoch, revision, contentHash } = site.staff.head();
      hashes.set(`${epoch}/${revision}`, contentHash);
    };
    const someone = () => enrolment(randomUUID(), 'Somebody', Float32Array.from({ length: 128 }, Math.random));
    note();
    for (let i = 0; i < 200; i++) site.staff.change(...someone());
    note();
    site.agent.start();
    await eventually('it holds the gallery', () => site.reported('staff') === site.staff.head().contentHash, 60_000);
    await site.agent.kill();
    for (let round = 0; round < rounds; round++) {
      const asked = site.central.asks.length;
      site.agent.start();
      await eventually('it asks', () => site.central.asks.length > asked, 60_000);
      // Snapshots and changes as fast as they come, until the power goes at some moment of it.
      const until = performance.now() + 100 + Math.random() * 700;
      while (performance.now() < until) {
        if (Math.random() < 0.02) site.staff.restore(site.staff.revision, site.staff.epoch + 1);
        const change = site.staff.change(...someone());
        note();
        site.central.change(change);
        await delay(2);
      }
      await site.agent.kill();
      const found = onDisk();
      expect(found?.rowsHash).toBe(found?.head.contentHash);
      expect(hashes.get(`${found?.head.epoch}/${found?.head.revision}`)).toBe(found?.rowsHash);
    }

    site.agent.start();
    await eventually('it has everything', () => site.reported('staff') === site.staff.head().contentHash, 60_000);
  }, 180_000);
});

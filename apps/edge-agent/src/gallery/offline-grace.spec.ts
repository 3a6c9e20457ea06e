import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalDatabase } from '@latchkey/link';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { openAgentDatabase } from '../store/agent-database.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { OfflineGrace } from './offline-grace.ts';

const hourMs = 3_600_000;

describe('a device that central does not answer', () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;
  let settings: SettingsRepository;
  const told: boolean[] = [];

  const started = (clock: ManualClock, graceMs: number | null = hourMs) => {
    const grace = new OfflineGrace({
      clock,
      settings,
      graceMs: () => graceMs,
      onChange: (locked) => told.push(locked),
    });
    grace.start();
    return grace;
  };

  beforeEach(() => {
    folder = temporaryFolder();
    database = openAgentDatabase(folder.path, 'x', () => null).database;
    settings = new SettingsRepository(database);
    told.length = 0;
  });

  afterEach(() => {
    database.close();
    folder.remove();
  });

  it('locks after its time, tells it once, and unlocks when central answers', () => {
    const clock = new ManualClock();
    const grace = started(clock);
    clock.advance(hourMs - 1);
    grace.check();
    expect([grace.locked, told]).toEqual([false, []]);
    clock.advance(1);
    expect(grace.locked).toBe(true);
    grace.check();
    grace.check();
    expect(told).toEqual([true]);
    grace.heard();
    expect([grace.locked, told]).toEqual([false, [true, false]]);
    grace.stop();
  });

  it('goes on counting over restarts, by more than what was kept', () => {
    for (let i = 0; i < 59; i++) {
      const grace = started(new ManualClock());
      expect(grace.locked).toBe(false);
      grace.stop();
    }
    const last = started(new ManualClock());
    expect(last.offlineMs).toBe(59 * 60_000);
    last.stop();
    const locked = started(new ManualClock());
    expect(locked.locked).toBe(true);
    locked.heard();
    locked.stop();
    const after = started(new ManualClock());
    expect(after.locked).toBe(false);
    after.stop();
  });

  it('never locks where nobody asked for it', () => {
    const clock = new ManualClock();
    const grace = started(clock, null);
    clock.advance(1_000 * hourMs);
    expect(grace.locked).toBe(false);
    grace.stop();
  });

  it('is locked when nobody knows for how long, until central answers', () => {
    settings.write('offline-ms', 'long');
    const grace = started(new ManualClock());
    expect(grace.locked).toBe(true);
    grace.heard();
    expect(grace.locked).toBe(false);
    grace.stop();
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalDatabase } from '@latchkey/link';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { openAgentDatabase } from '../store/agent-database.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { DeviceClock } from './device-clock.ts';

describe("trust in the device's clock", () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;
  let machine: ManualClock;
  let clock: DeviceClock;
  let told: boolean[];

  const started = () => {
    const made = new DeviceClock(machine, new SettingsRepository(database), Date.UTC(2026, 0, 1));
    made.onTrust((trusted) => told.push(trusted));
    made.start();
    return made;
  };

  beforeEach(() => {
    folder = temporaryFolder();
    database = openAgentDatabase(folder.path, 'x', () => null).database;
    machine = new ManualClock();
    told = [];
    clock = started();
  });

  afterEach(() => {
    clock.stop();
    database.close();
    folder.remove();
  });

  it('begins with none', () => {
    expect(clock.stamp()).toEqual({ occurredAt: machine.now(), clockOffsetMs: null, clockTrusted: false });
  });

  it('comes with a signed time of central, and every event says so', () => {
    const asked = clock.reading();
    machine.advance(100);
    clock.measured(asked.now + 50 - 3_000, asked);
    expect(clock.stamp()).toEqual({ occurredAt: machine.now(), clockOffsetMs: 3_000, clockTrusted: true });
    expect(told).toEqual([true]);
  });

  it('goes when central’s clock says something quite different', () => {
    clock.measured(machine.now(), clock.reading());
    clock.measured(machine.now() - 3_600_000, clock.reading());
    expect(clock.trusted).toBe(false);
    expect(told).toEqual([true, false]);
  });

  it('is not carried over a restart, but the floor is', () => {
    clock.measured(machine.now(), clock.reading());
    clock.stop();
    machine.setWall(machine.now() - 3_600_000);
    clock = started();
    expect(clock.trusted).toBe(false);
    clock.measured(machine.now(), clock.reading());
    expect(clock.trusted).toBe(false);
    machine.setWall(machine.now() + 2 * 3_600_000);
    clock.measured(machine.now(), clock.reading());
    expect(clock.trusted).toBe(true);
  });

  it('does not need the disk', () => {
    database.execute(`CREATE TRIGGER no_space BEFORE INSERT ON setting BEGIN SELECT RAISE(FAIL, 'disk'); END`);
    clock.measured(machine.now(), clock.reading());
    expect(clock.trusted).toBe(true);
  });
});

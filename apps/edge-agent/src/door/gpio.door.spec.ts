import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GpioLockConfig } from '@latchkey/config';
import { eventually, FakeGpioPrograms } from '@latchkey/testing';
import type { DoorPartReport } from './door-hardware.ts';
import { GpioDoor } from './gpio.door.ts';
import { GpioTools } from './gpio-tools.ts';

const strike: GpioLockConfig = {
  type: 'gpio',
  chip: 'gpiochip0',
  line: 12,
  activeLow: false,
  bias: 'as-is',
  drive: 'push-pull',
  energise: 'to-open',
  pulseMs: null,
};

describe.each(['1.6.3', '2.2.1'])('lock at a GPIO line, with libgpiod %s', (version) => {
  let programs: FakeGpioPrograms;
  let reports: DoorPartReport[];
  let doors: GpioDoor[];

  beforeEach(() => {
    programs = new FakeGpioPrograms(version);
    reports = [];
    doors = [];
  });

  afterEach(async () => {
    await Promise.all(doors.map((door) => door.stop()));
    programs.dispose();
  });

  function aDoor(changes: Partial<GpioLockConfig> = {}, firstPauseMs = 50): GpioDoor {
    const door = new GpioDoor(
      { ...strike, ...changes },
      new GpioTools(programs.folder),
      (report) => reports.push(report),
      { settledMs: 150, firstPauseMs },
    );
    doors.push(door);
    door.start();
    return door;
  }

  const forever = () => new AbortController().signal;
  const levels = () => programs.log.filter((line) => line.startsWith('level 12'));
  const atRest = (rest = '0') =>
    eventually('the line is held at rest', () => programs.level(12) === rest && programs.holder(12) !== null);
  /** Without repetitions: how often rest is driven on the way is nobody's concern. */
  const changes = () => levels().filter((line, i, all) => line !== all[i - 1]);

  it('holds the line at rest, drives it for the time of an opening, and holds it at rest again', async () => {
    const door = aDoor();
    await atRest();
    await door.open(300, forever());
    expect(programs.level(12)).toBe('1');
    await atRest();
    expect(changes()).toEqual(['level 12 0', 'level 12 1', 'level 12 0']);
    expect(reports).toEqual([]);
  });

  it('drives a lock that wants a pulse for the pulse alone', async () => {
    const door = aDoor({ pulseMs: 120 });
    await atRest();
    await door.open(60_000, forever());
    await atRest();
    const [driven] = programs.log.filter((line) => / 12=1$/.test(line));
    expect(driven).toMatch(/-s 0 -u 120000 |-t 120ms,0 /);
  });

  it('lets go of a lock that is energised to lock', async () => {
    const door = aDoor({ energise: 'to-lock' });
    await atRest('1');
    await door.open(100, forever());
    await atRest('1');
    expect(changes()).toEqual(['level 12 1', 'level 12 0', 'level 12 1']);
  });

  it('finds a line by its name', async () => {
    const door = aDoor({ chip: undefined, line: 'LOCK' });
    await atRest();
    await door.open(50, forever());
    expect(changes()).toContain('level 12 1');
  });

  it('begins the time anew when it is opened while it is open', async () => {
    const door = aDoor();
    await door.open(60_000, forever());
    await door.open(100, forever());
    await atRest();
    expect(programs.log.filter((line) => / 12=1$/.test(line))).toHaveLength(2);
  });

  it('leaves the line at rest when it is stopped in the middle of an opening', async () => {
    const door = aDoor();
    await door.open(60_000, forever());
    await door.stop();
    expect([programs.level(12), programs.holder(12)]).toEqual(['0', null]);
    await expect(door.open(100, forever())).rejects.toMatchObject({ code: 'door-unavailable' });
    expect(programs.level(12)).toBe('0');
  });

  it('does not open when nobody waits any more, and goes back to rest from what it had begun', async () => {
    const door = aDoor();
    await atRest();
    await expect(door.open(60_000, AbortSignal.abort())).rejects.toMatchObject({ code: 'door-unavailable' });
    expect(levels()).not.toContain('level 12 1');
    programs.slow(0.3);
    const late = new AbortController();
    const opening = door.open(60_000, late.signal);
    await eventually('the line is about to be driven', () => programs.log.some((line) => / 12=1$/.test(line)));
    late.abort();
    await expect(opening).rejects.toMatchObject({ code: 'door-unavailable' });
    programs.slow(null);
    await atRest();
  });

  it('fails with the reason, and stays shut, when the line is taken; says that it is lost, and when it is back', async () => {
    programs.fail('gpioset', 'error setting the GPIO line values: Device or resource busy');
    const door = aDoor();
    await expect(door.open(300, forever())).rejects.toThrow(/held by another program/);
    expect(levels()).toEqual([]);
    await eventually('it says so', () => reports.length > 0);
    expect(reports).toEqual([{ state: 'lost', message: expect.stringContaining('held by another program') }]);
    programs.fail('gpioset', null);
    await eventually('it says that it is back', () => reports.length > 1);
    await atRest();
    expect([reports.at(-1)?.state, changes()]).toEqual(['back', ['level 12 0']]);
  });

  it('takes nobody else’s driving of the line for its own', async () => {
    programs.take(12, 'other-daemon');
    programs.slow(0.2);
    const door = aDoor();
    await expect(door.open(300, forever())).rejects.toThrow(/held by another program/);
    programs.slow(null);
    programs.take(12, null);
    await atRest();
  });

  it('does not cut an opening short because the line was to be taken again', async () => {
    programs.fail('gpioset', 'error setting the GPIO line values: Device or resource busy');
    const door = aDoor({}, 300);
    // To hold it and to leave it shut fails, at the start and at once again; then there is a pause.
    await eventually('it waits before it tries a third time', () => programs.log.length === 4);
    await delay(100);
    programs.fail('gpioset', null);
    await door.open(60_000, forever());
    await delay(500);
    expect(changes().at(-1)).toBe('level 12 1');
  });

  it('takes the line again when what holds it is killed', async () => {
    aDoor();
    await atRest();
    const holder = programs.holder(12);
    process.kill(holder ?? 0, 'SIGKILL');
    await eventually('it says so', () => reports.length > 0);
    await atRest();
    expect(reports).toMatchObject([{ state: 'lost' }]);
    expect(changes()).toEqual(['level 12 0']);
  });

  it('fails when libgpiod is not installed', async () => {
    const door = new GpioDoor(strike, new GpioTools('/nowhere'), (report) => reports.push(report));
    doors.push(door);
    door.start();
    await expect(door.open(300, forever())).rejects.toMatchObject({ code: 'door-program-missing' });
    await eventually('it says so', () => reports.length > 0);
    expect(reports[0]?.message).toMatch(/gpioset is not installed/);
  });
});

const installed = ['/usr/bin/gpioset', '/usr/local/bin/gpioset'].some((path) => existsSync(path));
(installed ? it : it.skip)('knows the version of the libgpiod that is installed here (skipped: none is)', async () => {
  expect([1, 2]).toContain(await new GpioTools().version());
});

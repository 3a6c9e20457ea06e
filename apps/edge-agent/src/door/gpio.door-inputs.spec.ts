import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GpioInputConfig } from '@latchkey/config';
import type { DoorInput } from '@latchkey/domain';
import { eventually, FakeGpioPrograms } from '@latchkey/testing';
import type { DoorPartReport } from './door-hardware.ts';
import { GpioDoorInputs } from './gpio.door-inputs.ts';
import { GpioTools } from './gpio-tools.ts';

const contact: GpioInputConfig = { chip: 'gpiochip0', line: 12, activeLow: false, bias: 'pull-up', debounceMs: 20 };
const button: GpioInputConfig = { ...contact, line: 13, activeLow: true, debounceMs: 0 };

describe.each([
  ['1.6.3', '0'],
  ['2.2.1', '2'],
])('contact and button at GPIO lines, with libgpiod %s', (version, falling) => {
  let programs: FakeGpioPrograms;
  let told: DoorInput[];
  let reports: DoorPartReport[];
  let inputs: GpioDoorInputs;

  beforeEach(() => {
    programs = new FakeGpioPrograms(version);
    programs.setInput(12, false);
    programs.setInput(13, false);
    told = [];
    reports = [];
    inputs = new GpioDoorInputs(contact, button, new GpioTools(programs.folder), (report) => reports.push(report), {
      settledMs: 150,
      firstPauseMs: 50,
    });
  });

  afterEach(async () => {
    await inputs.stop();
    programs.dispose();
  });

  const start = () => inputs.start((input) => told.push(input));
  const watched = (line: number) => eventually(`line ${line} is watched`, () => programs.holder(line));
  const closed: DoorInput = { type: 'contact', contact: 'closed' };
  const open: DoorInput = { type: 'contact', contact: 'open' };

  it('tells how the door stands at the start, and each change', async () => {
    start();
    await watched(12);
    expect(told).toEqual([closed]);
    programs.tell(12, '1 12');
    await eventually('the door has opened', () => told.length === 2);
    programs.tell(12, `${falling} 12`);
    await eventually('the door has closed', () => told.length === 3);
    expect(told).toEqual([closed, open, closed]);
    expect(reports).toEqual([]);
  });

  it('tells each press of the button, and nothing of one that is pressed from the start', async () => {
    programs.setInput(13, true);
    start();
    await watched(13);
    programs.tell(13, `${falling} 13`);
    await eventually('that was read', () => programs.told(13));
    programs.tell(13, '1 13');
    await eventually('the press is told', () => told.some(({ type }) => type === 'exit-pressed'));
    expect(told.filter(({ type }) => type === 'exit-pressed')).toHaveLength(1);
  });

  it('tells that nobody knows how the door stands when its program ends, and reads it anew when it runs again', async () => {
    start();
    const first = await watched(12);
    programs.setInput(12, true);
    process.kill(first, 'SIGKILL');
    await eventually('the door is read anew', () => told.length === 3);
    expect(told).toEqual([closed, { type: 'contact-lost' }, open]);
    await eventually('both are said', () => reports.length === 2);
    expect(reports).toEqual([
      { state: 'lost', message: expect.stringMatching(/^The door contact at gpiochip0 line 12 cannot be read\./) },
      { state: 'back', message: 'The door contact at gpiochip0 line 12 is read again.' },
    ]);
  });

  it('says once what keeps it from reading, and goes on trying', async () => {
    programs.fail('gpioget', 'error reading GPIO values: Permission denied');
    start();
    await eventually('both are said to be lost', () => reports.length === 2);
    expect(reports[0]?.message).toMatch(/group that owns/);
    programs.fail('gpioget', null);
    await watched(12);
    await watched(13);
    expect(told).toEqual([{ type: 'contact-lost' }, closed]);
    expect(reports.filter(({ state }) => state === 'lost')).toHaveLength(2);
  });

  it('lets go of its lines when it is stopped, twice too, and tells nothing any more', async () => {
    start();
    await watched(12);
    await watched(13);
    await Promise.all([inputs.stop(), inputs.stop()]);
    expect([programs.holder(12), programs.holder(13)]).toEqual([null, null]);
    expect(told).toEqual([closed]);
  });
});

it('waits for the end of the bouncing itself where libgpiod 1 cannot', async () => {
  const programs = new FakeGpioPrograms('1.6.3');
  programs.setInput(12, false);
  const told: DoorInput[] = [];
  const slow = { ...contact, debounceMs: 100 };
  const inputs = new GpioDoorInputs(slow, null, new GpioTools(programs.folder), () => undefined);
  try {
    inputs.start((input) => told.push(input));
    await eventually('the line is watched', () => programs.holder(12));
    programs.tell(12, '1 12', '0 12', '1 12', '0 12', '1 12');
    await eventually('the door has opened', () => told.length > 1);
    programs.tell(12, '0 12', '1 12', '0 12');
    await eventually('the door has closed', () => told.length > 2);
    expect(told).toEqual([
      { type: 'contact', contact: 'closed' },
      { type: 'contact', contact: 'open' },
      { type: 'contact', contact: 'closed' },
    ]);
  } finally {
    await inputs.stop();
    programs.dispose();
  }
});

import { describe, expect, it } from '@jest/globals';
import type { GpioInputConfig, GpioLockConfig } from '@latchkey/config';
import {
  gpioVersionOf,
  infoWords,
  monitorWords,
  openWords,
  readWords,
  restWords,
  shutWords,
} from './gpio-arguments.ts';

const plain: GpioLockConfig = {
  type: 'gpio',
  chip: 'gpiochip0',
  line: 12,
  activeLow: false,
  bias: 'as-is',
  drive: 'push-pull',
  energise: 'to-open',
  pulseMs: null,
};
const special: GpioLockConfig = { ...plain, activeLow: true, bias: 'disable', drive: 'open-drain' };
const contact: GpioInputConfig = { chip: 'gpiochip0', line: 13, activeLow: true, bias: 'pull-up', debounceMs: 20 };
const text = (words: readonly string[]) => words.join(' ');

describe('the arguments of the programs of libgpiod', () => {
  it.each([
    ['gpioset (libgpiod) v1.6.3\nCopyright …', 1],
    ['gpioset (libgpiod) 1.0', 1],
    ['gpioset (libgpiod) v2.2.1\n', 2],
    ['gpioset (libgpiod) v3.0', null],
    ['something else 2.0', null],
  ])('%s is of version %s', (said, version) => {
    expect(gpioVersionOf(said)).toBe(version);
  });

  it('are those of version 1', () => {
    expect(text(openWords(1, plain, 3_250))).toBe('gpioset -m time -s 3 -u 250000 gpiochip0 12=1');
    expect(text(restWords(1, plain))).toBe('gpioset -m signal gpiochip0 12=0');
    expect(text(shutWords(1, plain))).toBe('gpioset -m exit gpiochip0 12=0');
    expect(text(openWords(1, special, 500))).toBe(
      'gpioset -l -B disable -D open-drain -m time -s 0 -u 500000 gpiochip0 12=1',
    );
    expect(text(monitorWords(1, contact))).toBe('gpiomon -b -F %e %o -l -B pull-up gpiochip0 13');
    expect(text(readWords(1, contact))).toBe('gpioget -l -B pull-up gpiochip0 13');
    expect([text(infoWords('gpiochip0')), text(infoWords(undefined))]).toEqual(['gpioinfo gpiochip0', 'gpioinfo']);
  });

  it('are those of version 2', () => {
    expect(text(openWords(2, plain, 3_250))).toBe('gpioset --banner -C latchkey -t 3250ms,0 -c gpiochip0 12=1');
    expect(text(restWords(2, plain))).toBe('gpioset --banner -C latchkey -c gpiochip0 12=0');
    expect(text(shutWords(2, plain))).toBe('gpioset --banner -C latchkey -t 0 -c gpiochip0 12=0');
    expect(text(openWords(2, special, 500))).toBe(
      'gpioset --banner -C latchkey -l -b disabled -d open-drain -t 500ms,0 -c gpiochip0 12=1',
    );
    expect(text(restWords(2, { ...plain, chip: undefined, line: 'LOCK' }))).toBe('gpioset --banner -C latchkey LOCK=0');
    expect(text(monitorWords(2, contact))).toBe('gpiomon -C latchkey -p 20ms -F %e %o -l -b pull-up -c gpiochip0 13');
    expect(text(monitorWords(2, { ...contact, debounceMs: 0, bias: 'as-is' }))).toBe(
      'gpiomon -C latchkey -F %e %o -l -c gpiochip0 13',
    );
    expect(text(readWords(2, contact))).toBe('gpioget --numeric -l -b pull-up -c gpiochip0 13');
  });

  it.each([1, 2] as const)('let go to open, and hold at rest, what is energised to lock (version %s)', (version) => {
    const magnet: GpioLockConfig = { ...plain, energise: 'to-lock' };
    expect(openWords(version, magnet, 3_000).at(-1)).toBe('12=0');
    expect(restWords(version, magnet).at(-1)).toBe('12=1');
    expect(shutWords(version, magnet).at(-1)).toBe('12=1');
  });
});

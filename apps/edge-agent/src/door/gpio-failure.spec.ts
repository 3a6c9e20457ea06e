import { describe, expect, it } from '@jest/globals';
import { gpioFailure } from './gpio-failure.ts';
import { parseGpioInfo } from './gpio-info.ts';

/** As libgpiod 1.6 and 2.2 print them. */
const cases: [string, string, string, RegExp][] = [
  ['ENOENT', '', 'door-program-missing', /gpioset is not installed; .*gpiod/],
  ['exit code 127', 'latchkey-door: 1: gpioset: not found', 'door-program-missing', /is not installed/],
  [
    'exit code 1',
    'gpioset: error setting the GPIO line values: Device or resource busy',
    'door-unavailable',
    /held by/,
  ],
  [
    'exit code 1',
    "gpioset: unable to request lines on chip '/dev/gpiochip0': Device or resource busy",
    'door-unavailable',
    /held by/,
  ],
  [
    'exit code 1',
    'gpioset: error setting the GPIO line values: No such file or directory',
    'door-unavailable',
    /no such GPIO chip/,
  ],
  [
    'exit code 1',
    "gpioset: cannot find GPIO chip character device 'gpiochip7'",
    'door-unavailable',
    /no such GPIO chip/,
  ],
  ['exit code 1', "gpioset: cannot find line 'LOCK'", 'door-unavailable', /no such line/],
  ['exit code 1', "gpioset: offset 500 is out of range on chip 'gpiochip0'", 'door-unavailable', /no such line/],
  ['exit code 1', 'gpioset: error setting the GPIO line values: Permission denied', 'door-unavailable', /group/],
  [
    'exit code 1',
    'gpioset: error setting the GPIO line values: Invalid argument',
    'door-unavailable',
    /cannot do what/,
  ],
  ['SIGKILL', '', 'door-unavailable', /gpioset failed \(SIGKILL\)/],
];

describe('why a program of libgpiod failed', () => {
  it.each(cases)('%s, %s', (end, messages, code, message) => {
    const error = gpioFailure('gpioset', end, messages);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    if (code === 'door-unavailable') expect(error.message).toContain(messages);
  });

  it('is what was said last, after all edges', () => {
    const { message } = gpioFailure(
      'gpiomon',
      'exit code 1',
      '1 13\n2 13\ngpiomon: error reading line events: No such device\n1 13\n',
    );
    expect(message).toBe('There is no such GPIO chip. gpiomon: error reading line events: No such device');
  });
});

describe('the list of lines of libgpiod 1', () => {
  it('says who holds which line', () => {
    const text = [
      'gpiochip0 - 3 lines:',
      '\tline   0:      unnamed       unused   input  active-high ',
      '\tline  12:  "SPI1_MOSI"    "gpioset"  output   active-low [used open-drain]',
      'gpiochip1 - 1 lines:',
      '\tline   0: "A long name of a line" "a long consumer" output active-high [used]',
      '\tline   1:      unnamed       kernel   input  active-high [used]',
    ].join('\n');
    expect(parseGpioInfo(text)).toEqual([
      { chip: 'gpiochip0', offset: 0, name: null, consumer: null, direction: 'input' },
      { chip: 'gpiochip0', offset: 12, name: 'SPI1_MOSI', consumer: 'gpioset', direction: 'output' },
      { chip: 'gpiochip1', offset: 0, name: 'A long name of a line', consumer: 'a long consumer', direction: 'output' },
      { chip: 'gpiochip1', offset: 1, name: null, consumer: 'kernel', direction: 'input' },
    ]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAgentConfig } from './agent.config.ts';
import { type DoorHardwareConfig, describeDoorHardware } from './door-hardware.config.ts';

const camera = { LATCHKEY_CAMERA: 'test:' };
const parse = (value: unknown): DoorHardwareConfig =>
  readAgentConfig({
    ...camera,
    LATCHKEY_DOOR_HARDWARE: typeof value === 'string' ? value : JSON.stringify(value),
  }).doorHardware;
const gpio = { type: 'gpio', chip: 'gpiochip0', line: 12 };
const http = { type: 'http', url: 'http://relay/rpc/Switch.Set?id=0&on=true&toggle_after={seconds}' };

describe('the hardware of a door', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-door-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is a line in the log where nothing is said', () => {
    const expected = {
      lock: { type: 'log' },
      contact: null,
      requestToExit: null,
      relockMs: 500,
      heldOpenAfterMs: 30_000,
      actuatorTimeoutMs: 2_000,
    };
    expect(readAgentConfig(camera).doorHardware).toEqual(expected);
    expect(describeDoorHardware(parse({}))).toBe('no lock, only a line in the log');
  });

  it('has a lock at a line of a chip, a contact and a button', () => {
    const door = parse({
      lock: { ...gpio, activeLow: true, energise: 'to-lock', pulseMs: 400 },
      contact: { chip: 'gpiochip0', line: '13', bias: 'pull-up' },
      requestToExit: { line: 'GPIO9', opens: false, debounceMs: 50 },
      heldOpenAfterMs: 60_000,
    });
    expect(door).toMatchObject({
      lock: { line: 12, bias: 'as-is', drive: 'push-pull', pulseMs: 400 },
      contact: { line: 13, activeLow: false, debounceMs: 20 },
      requestToExit: { line: 'GPIO9', opens: false, debounceMs: 50 },
      heldOpenAfterMs: 60_000,
    });
    expect(describeDoorHardware(door)).toBe(
      'lock at gpiochip0 line 12, energised to-lock for a pulse of 400 ms, contact at gpiochip0 line 13, request-to-exit at line GPIO9',
    );
  });

  it('has a lock behind a relay, of which logs show no token', () => {
    const door = parse({
      lock: { ...http, user: 'admin', password: 'secret', signatureKey: 'a key of sixteen or more' },
    });
    expect(describeDoorHardware(door)).toBe('lock behind GET http://relay/rpc/Switch.Set?…');
  });

  it('may stand in the file of options, or in one of its own', () => {
    writeFileSync(
      join(folder, 'options.yaml'),
      `camera: 'test:'\ndoorHardware:\n  lock: { type: gpio, chip: gpiochip1, line: 7 }\n`,
    );
    expect(readAgentConfig({ LATCHKEY_CONFIG_FILE: join(folder, 'options.yaml') }).doorHardware.lock).toMatchObject({
      chip: 'gpiochip1',
      line: 7,
    });
    writeFileSync(join(folder, 'door.json'), JSON.stringify({ lock: gpio }));
    expect(parse(join(folder, 'door.json')).lock).toMatchObject({ line: 12 });
    expect(() => parse(join(folder, 'none.json'))).toThrow(/none\.json" cannot be read/);
  });

  it.each<[string, unknown, RegExp]>([
    ['a lock of a kind that there is not', { lock: { type: 'usb' } }, /DOOR_HARDWARE\.lock\.type/],
    ['a misspelt option', { lock: { ...gpio, activelow: true } }, /activelow/],
    ['an offset without its chip', { lock: { type: 'gpio', line: 12 } }, /offset and needs its chip/],
    ['a chip that could be an argument', { lock: { ...gpio, chip: '--help' } }, /lock\.chip/],
    ['a line that could be an argument', { lock: { ...gpio, line: '-z' } }, /lock\.line/],
    ['a line with a value', { lock: { ...gpio, line: 'A=1' } }, /lock\.line/],
    ['the same line twice', { lock: gpio, contact: { chip: 'gpiochip0', line: 12 } }, /line 12 is given twice/],
    ['a pulse of no length', { lock: { ...gpio, pulseMs: 0 } }, /lock\.pulseMs/],
    ['a relay that would stay on for ever', { lock: { ...http, url: 'http://relay/on' } }, /lets go by itself/],
    ['an address of another kind', { lock: { ...http, url: 'ftp://relay/{seconds}' } }, /lock\.url/],
    [
      'a password in the address',
      { lock: { ...http, url: 'http://a:b@relay/{ms}' } },
      /give them as user and password/,
    ],
    ['a user without a password', { lock: { ...http, user: 'admin' } }, /goes with a password/],
    ['a body with GET', { lock: { ...http, body: '{"ms":{ms}}' } }, /goes with POST/],
    ['a key that is easily guessed', { lock: { ...http, signatureKey: 'short' } }, /signatureKey/],
  ])('is not %s', (_, value, message) => {
    expect(() => parse(value)).toThrow(message);
  });

  it('may leave the time to the relay, or put it into a body', () => {
    expect(parse({ lock: { ...http, url: 'http://relay/on', timed: true } }).lock).toMatchObject({ timed: true });
    const inBody = { ...http, url: 'http://relay/on', method: 'POST', body: '{"ms":{ms}}' };
    expect(parse({ lock: inBody }).lock).toMatchObject({ body: '{"ms":{ms}}' });
  });

  it('repeats nothing of a password that stands in broken JSON', () => {
    expect(() => parse('{"lock":{"password":"secret", oops')).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('secret') }),
    );
  });
});

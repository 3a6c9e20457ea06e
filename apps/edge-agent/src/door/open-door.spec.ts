import { describe, expect, it } from '@jest/globals';
import { readAgentConfig } from '@latchkey/config';
import { ManualClock } from '@latchkey/testing';
import { pino } from 'pino';
import { openDoor } from './open-door.ts';

describe('the door that a configuration names', () => {
  const open = (hardware: unknown) => {
    const config = readAgentConfig({ LATCHKEY_CAMERA: 'test:', LATCHKEY_DOOR_HARDWARE: JSON.stringify(hardware) });
    return openDoor(config.doorHardware, new ManualClock(), () => undefined, pino({ level: 'silent' }));
  };
  const forever = () => new AbortController().signal;

  it('is a line in the log, which always opens, where none is named', async () => {
    const { lock, inputs, exitOpens } = open({});
    lock.start();
    await lock.open(3_000, forever());
    await lock.stop();
    expect([inputs, exitOpens]).toEqual([null, true]);
  });

  it.each([
    ['a lock at a line of a chip that there is not', { type: 'gpio', chip: '/dev/null', line: 1 }],
    ['a lock behind a relay that is not there', { type: 'http', url: 'http://127.0.0.1:1/?ms={ms}' }],
  ])('is not opened by mistake: %s', async (_, lock) => {
    const door = open({ lock }).lock;
    door.start();
    await expect(door.open(3_000, AbortSignal.timeout(400))).rejects.toMatchObject({
      code: expect.stringMatching(/^door-(unavailable|program-missing)$/),
    });
    await door.stop();
  });

  it('has inputs where one is named, and says whether the button opens', () => {
    const requestToExit = { chip: 'gpiochip0', line: 3, opens: false };
    const door = open({ requestToExit });
    expect([door.inputs === null, door.exitOpens]).toEqual([false, false]);
  });
});

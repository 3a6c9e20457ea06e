import { describe, expect, it } from '@jest/globals';
import type { CommandView } from '@latchkey/contracts';
import { callOf, canBeGiven, commandSentence, isUnderWay } from './command-words.ts';

const personId = '0190a0f0-0000-7000-8000-00000000000a';
const command: CommandView = {
  id: '0190a0f0-0000-7000-8000-000000000001',
  deviceId: 'front',
  call: { name: 'open-door' },
  state: 'waiting',
  message: null,
  identified: null,
  hasPicture: false,
  by: 'ada@example.org',
  createdAt: '2026-11-30T12:00:00.000Z',
  expiresAt: '2026-11-30T12:00:10.000Z',
  endedAt: null,
};

describe('commands', () => {
  it('are waited for until they end or nobody knows', () => {
    expect(isUnderWay(command)).toBe(true);
    expect(isUnderWay({ state: 'sent' })).toBe(true);
    for (const state of ['done', 'failed', 'refused', 'expired'] as const) expect(isUnderWay({ state })).toBe(false);
  });

  it('say how they ended, or where they are', () => {
    expect(commandSentence(command)).toBe('Waiting for the device');
    expect(commandSentence({ ...command, state: 'done', message: 'The door was opened.' })).toBe(
      'The door was opened.',
    );
    const identified = { decision: 'granted', personId, distance: 0.213, maxDistance: 0.5, reasons: [] } as const;
    expect(
      commandSentence({
        ...command,
        state: 'done',
        message: 'It is that person.',
        identified: { ...identified, reasons: [] },
      }),
    ).toBe('It is that person. Distance 0.21 of at most 0.50.');
  });

  it('go to a device that is away only when nobody waits at its door', () => {
    expect(canBeGiven('open-door', false)).toBe(false);
    expect(canBeGiven('identify', false)).toBe(false);
    expect(canBeGiven('wipe', false)).toBe(true);
    expect(canBeGiven('open-door', true)).toBe(true);
  });

  it('name a person where they are about one', () => {
    expect(callOf('open-door', null, 15)).toEqual({ name: 'open-door' });
    expect(callOf('identify', null, 15)).toBeNull();
    expect(callOf('identify', personId, 15)).toEqual({ name: 'identify', personId, forS: 15 });
  });
});

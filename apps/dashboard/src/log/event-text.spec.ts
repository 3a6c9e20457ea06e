import { describe, expect, it } from '@jest/globals';
import { anEvent } from './event-factory.ts';
import { announcement, eventSentences, eventTitle } from './event-text.ts';

describe('the words for an event', () => {
  it('name the person of a verification', () => {
    const event = anEvent({ kind: 'verification', personName: 'Ada', decision: 'granted', reasons: ['matched'] });
    expect(eventTitle(event)).toBe('Ada');
    expect(eventSentences(event)).toEqual(['The face matches the person within the allowed distance.']);
    expect(announcement(event, 'Front door')).toBe('Ada, access granted, Front door.');
  });

  it('say "Unknown" of a face that is nobody and "Removed person" where the name was erased', () => {
    expect(eventTitle(anEvent())).toBe('Unknown');
    expect(eventTitle(anEvent({ kind: 'verification', decision: 'granted', personName: null }))).toBe('Removed person');
  });

  it.each([
    [{ kind: 'door', body: { action: 'opened' } } as const, 'The door was opened', []],
    [{ kind: 'door', personName: 'Ada', body: { action: 'opened' } } as const, 'The door was opened', ['For Ada.']],
    [
      { kind: 'door', personName: 'Ada', body: { action: 'failed', message: 'The relay answers 500.' } } as const,
      'The door did not open',
      ['For Ada.', 'The relay answers 500.'],
    ],
    [
      { kind: 'health', body: { state: 'camera-lost', message: 'No frames for 5 s.' } } as const,
      'Camera lost',
      ['No frames for 5 s.'],
    ],
    [
      { kind: 'dropped', body: { from: 3, to: 9, count: 7 } } as const,
      'Lost events',
      ['7 events (3 to 9) had to be given up on the device.'],
    ],
    [{ kind: 'health', body: { state: 'of-a-newer-agent' } } as const, 'Device state', []],
  ])('describe %j', (change, title, sentences) => {
    const event = anEvent({ decision: null, reasons: [], ...change });
    expect(eventTitle(event)).toBe(title);
    expect(eventSentences(event)).toEqual(sentences);
  });
});

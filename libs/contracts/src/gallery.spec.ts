import { describe, expect, it } from '@jest/globals';
import { type GalleryChange, logHashAfter } from '@latchkey/domain';
import {
  changeFromWire,
  changeToWire,
  encodingFromBase64,
  encodingToBase64,
  galleryAnswer,
  galleryChange,
} from './gallery.ts';

const personId = '0190a3a0-0000-7000-8000-000000000001';
const change: GalleryChange = {
  siteId: 'main',
  groupId: 'staff',
  epoch: 1,
  from: 0,
  to: 1,
  prevHash: 'a'.repeat(64),
  operations: [
    { op: 'upsert-person', personId, name: 'Ada', always: false },
    {
      op: 'upsert-encoding',
      encodingId: '0190a3a0-0000-7000-8000-000000000002',
      personId,
      modelId: 'm',
      values: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i) / 7),
    },
    { op: 'remove-encoding', encodingId: '0190a3a0-0000-7000-8000-000000000003' },
    { op: 'remove-person', personId },
    { op: 'set-model', modelId: 'm2' },
  ],
};

describe('gallery changes on the wire', () => {
  it('arrive as they were, bit for bit: the hash of the log is the same on both ends', () => {
    const travelled = galleryChange.parse(JSON.parse(JSON.stringify(changeToWire(change))));
    expect(changeFromWire(travelled)).toEqual(change);
    expect(logHashAfter(changeFromWire(travelled))).toBe(logHashAfter(change));
  });

  it('carry encodings as little-endian float32', () => {
    expect(encodingToBase64(Float32Array.of(1))).toBe('AACAPw==');
    expect(encodingFromBase64('AACAPw==')).toEqual(Float32Array.of(1));
  });

  it('are refused with values that are no numbers', () => {
    expect(() => encodingFromBase64('AADAfw==')).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it.each([
    ['another operation', { op: 'open-door' }],
    ['a person without a name', { op: 'upsert-person', personId, name: '', always: false }],
    ['an id that is none', { op: 'remove-person', personId: '1' }],
  ])('are refused with %s', (_, operation) => {
    expect(galleryChange.safeParse({ ...changeToWire(change), operations: [operation] }).success).toBe(false);
  });

  it('are answered only with a nonce', () => {
    const gone = { type: 'gone', groupId: 'staff', centralTime: '2026-11-24T12:00:00.000Z', databaseEpoch: 1 };
    expect(galleryAnswer.safeParse({ ...gone, nonce: '0'.repeat(32) }).success).toBe(true);
    expect(galleryAnswer.safeParse(gone).success).toBe(false);
  });
});

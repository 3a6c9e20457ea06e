import { describe, expect, it } from '@jest/globals';
import { acknowledgementsOf } from './acknowledgements.ts';
import type { WrittenEvent } from './batch-writer.ts';
import type { Outcome } from './ingest.repository.ts';

const [streamA, streamB] = ['0b1c8a52-6c1c-4a57-9d7e-2b8d5a4d9c11', '7f0e6a3a-1d6b-4d39-8a13-93a5a5a9f2b4'] as const;
const isNew: Outcome = { type: 'committed', isNew: true };
const again: Outcome = { type: 'committed', isNew: false };

function written(
  deviceId: string,
  streamId: string,
  seq: number,
  outcome: Outcome | null,
  databaseEpoch = 3,
): WrittenEvent {
  return {
    outcome,
    databaseEpoch,
    event: {
      siteId: 'main',
      deviceId,
      envelope: {
        streamId,
        seq,
        id: '01935b2a-0000-7000-8000-000000000001',
        kind: 'health',
        occurredAt: '2026-11-24T22:00:00.000Z',
        clockOffsetMs: null,
        clockTrusted: false,
        bodyHash: 'a'.repeat(64),
        body: {},
      },
      personId: null,
      decision: null,
      body: '{}',
      thumbnail: null,
      dropped: [],
      rejection: null,
      raw: new Uint8Array(),
    },
  };
}

describe('acknowledgementsOf', () => {
  it('names exactly the numbers of the batch, duplicates included, and no stranger between them', () => {
    const acks = acknowledgementsOf([
      written('d', streamA, 9, isNew),
      written('d', streamA, 1, again),
      written('d', streamA, 2, isNew),
      written('d', streamA, 2, again),
    ]);
    expect(acks).toEqual([
      {
        siteId: 'main',
        deviceId: 'd',
        ack: {
          streamId: streamA,
          ranges: [
            [1, 2],
            [9, 9],
          ],
          rejected: [],
          databaseEpoch: 3,
        },
      },
    ]);
  });

  it('is one a stream and device', () => {
    const acks = acknowledgementsOf([
      written('d', streamA, 1, isNew),
      written('d', streamB, 1, isNew),
      written('e', streamA, 1, { type: 'rejected', code: 'foreign-stream' }),
    ]);
    expect(acks.map(({ deviceId, ack }) => [deviceId, ack.streamId, ack.ranges, ack.rejected])).toEqual([
      ['d', streamA, [[1, 1]], []],
      ['d', streamB, [[1, 1]], []],
      ['e', streamA, [], [{ seq: 1, code: 'foreign-stream' }]],
    ]);
  });

  it('vouches with an epoch for nothing but what the database of that epoch has', () => {
    const acks = acknowledgementsOf([written('d', streamA, 1, isNew, 1), written('d', streamA, 2, isNew, 2)]);
    expect(acks.map(({ ack }) => [ack.ranges, ack.databaseEpoch])).toEqual([
      [[[1, 1]], 1],
      [[[2, 2]], 2],
    ]);
  });

  it('takes a number that came in two versions as committed: it is in the log', () => {
    const [only] = acknowledgementsOf([
      written('d', streamA, 1, isNew),
      written('d', streamA, 1, { type: 'rejected', code: 'sequence-reused' }),
    ]);
    expect(only?.ack).toMatchObject({ ranges: [[1, 1]], rejected: [] });
  });

  it('says nothing about what is not settled', () => {
    expect(
      acknowledgementsOf([written('d', streamA, 1, null), written('x', streamB, 1, { type: 'unknown-device' })]),
    ).toEqual([]);
  });
});

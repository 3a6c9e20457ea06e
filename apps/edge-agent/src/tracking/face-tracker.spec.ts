import { describe, expect, it } from '@jest/globals';
import { aFace } from '@latchkey/testing';
import { FaceTracker, overlap } from './face-tracker.ts';

const ada = [1, 0, 0, 0];
const eve = [0, 1, 0, 0];

function aTracker() {
  let made = 0;
  return new FaceTracker({ maxDistance: 0.7, newTrackId: () => `track ${++made}` });
}

const ids = ({ faces }: { faces: readonly { trackId: string }[] }) => faces.map(({ trackId }) => trackId);

describe('face tracker', () => {
  it('keeps one track for a face that stays, and two for two faces', () => {
    const tracker = aTracker();
    expect(ids(tracker.update([aFace(ada), aFace(eve, { x: 30 })], 0))).toEqual(['track 1', 'track 2']);
    expect(ids(tracker.update([aFace(eve, { x: 32 }), aFace(ada, { x: 6 })], 200))).toEqual(['track 2', 'track 1']);
  });

  it('follows somebody who moves so fast that the boxes do not overlap', () => {
    const tracker = aTracker();
    tracker.update([aFace(ada)], 0);
    expect(ids(tracker.update([aFace(ada, { x: 40 })], 200))).toEqual(['track 1']);
  });

  it('begins a new track when somebody else stands in the same place', () => {
    const tracker = aTracker();
    tracker.update([aFace(ada)], 0);
    expect(ids(tracker.update([aFace(eve)], 200))).toEqual(['track 2']);
  });

  it('does not exchange two people who change places', () => {
    const tracker = aTracker();
    tracker.update([aFace(ada), aFace(eve, { x: 30 })], 0);
    expect(ids(tracker.update([aFace(ada, { x: 30 }), aFace(eve)], 200))).toEqual(['track 1', 'track 2']);
  });

  it('bears one frame in which the face was not found', () => {
    const tracker = aTracker();
    tracker.update([aFace(ada)], 0);
    expect(tracker.update([], 1_000).endedTrackIds).toEqual([]);
    expect(ids(tracker.update([aFace(ada)], 1_200))).toEqual(['track 1']);
  });

  it('ends a track that is not seen any more: after two frames, and not within a third of a second', () => {
    const tracker = aTracker();
    tracker.update([aFace(ada)], 0);
    expect(tracker.update([], 30).endedTrackIds).toEqual([]);
    expect(tracker.update([], 60).endedTrackIds).toEqual([]);
    expect(tracker.update([], 350).endedTrackIds).toEqual(['track 1']);
    expect(ids(tracker.update([aFace(ada)], 400))).toEqual(['track 2']);
  });
});

describe('overlap of boxes', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  it.each([
    ['the same', box, 1],
    ['half', { ...box, x: 5 }, 1 / 3],
    ['touching', { ...box, x: 10 }, 0],
    ['apart', { ...box, y: 20 }, 0],
    ['inside', { x: 0, y: 0, width: 5, height: 10 }, 0.5],
  ])('%s', (_, other, expected) => {
    expect(overlap(box, other)).toBeCloseTo(expected);
    expect(overlap(other, box)).toBeCloseTo(expected);
  });
});

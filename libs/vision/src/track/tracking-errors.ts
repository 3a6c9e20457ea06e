import type { Box } from '@latchkey/domain';
import { intersectionOverUnion } from '../detect/overlap.ts';
import { assign } from './assign.ts';

/** One frame: who really is where, and what a tracker says. */
export interface TrackedFrame {
  /** One presence of one person each; somebody who left and came back later is another. */
  readonly truth: readonly { readonly presence: string; readonly box: Box }[];
  readonly tracked: readonly { readonly trackId: string; readonly box: Box }[];
}

/** How wrong a tracker was. */
export interface TrackingErrors {
  /** Faces that were to be followed, over all frames. */
  readonly faces: number;
  readonly missed: number;
  /** Tracked boxes where nobody is. */
  readonly invented: number;
  /** How often a presence went on under another track. */
  readonly switches: number;
  /** How often a presence was lost and found again while it was to be seen. */
  readonly fragments: number;
  /** MOTA: 1 − (missed + invented + switches) / faces; 1 without errors, may be negative. 1 when there was nothing. */
  readonly accuracy: number;
}

/** Boxes with less in common are not the same face (CLEAR MOT as MOTChallenge counts). */
const minOverlap = 0.5;

/** Counts a tracker's errors against the truth (CLEAR MOT, Bernardin and Stiefelhagen 2008). */
export function countTrackingErrors(frames: readonly TrackedFrame[]): TrackingErrors {
  const trackOf = new Map<string, string>();
  const lost = new Set<string>();
  let [faces, missed, invented, switches, fragments] = [0, 0, 0, 0, 0];
  for (const { truth, tracked } of frames) {
    const pairs = assign(truth.map(({ presence, box }) => tracked.map((other) => scoreOf(presence, box, other))));
    for (const [i, { presence }] of truth.entries()) {
      const column = pairs[i] ?? null;
      const trackId = column === null ? undefined : tracked[column]?.trackId;
      if (trackId === undefined) {
        missed++;
        if (trackOf.has(presence)) lost.add(presence);
        continue;
      }
      if ((trackOf.get(presence) ?? trackId) !== trackId) switches++;
      if (lost.delete(presence)) fragments++;
      trackOf.set(presence, trackId);
    }
    faces += truth.length;
    invented += tracked.length - pairs.filter((column) => column !== null).length;
  }
  const accuracy = faces === 0 ? 1 : 1 - (missed + invented + switches) / faces;
  return { faces, missed, invented, switches, fragments, accuracy };

  /** A pair of the frames before goes on while its boxes still meet, whatever else would fit better. */
  function scoreOf(presence: string, box: Box, other: TrackedFrame['tracked'][number]): number | null {
    const overlap = intersectionOverUnion(box, other.box);
    if (overlap < minOverlap) return null;
    return overlap + (trackOf.get(presence) === other.trackId ? 10 : 0);
  }
}

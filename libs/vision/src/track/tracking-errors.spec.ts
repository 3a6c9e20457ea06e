import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assign } from './assign.ts';
import { countTrackingErrors, type TrackedFrame } from './tracking-errors.ts';

const at = (x: number) => ({ x, y: 0, width: 10, height: 10 });
const frame = (truth: Record<string, number>, tracked: Record<string, number>): TrackedFrame => ({
  truth: Object.entries(truth).map(([presence, x]) => ({ presence, box: at(x) })),
  tracked: Object.entries(tracked).map(([trackId, x]) => ({ trackId, box: at(x) })),
});

describe('errors of tracking', () => {
  it.each([
    ['none', [frame({ ada: 0 }, { 1: 0 }), frame({ ada: 2 }, { 1: 2 })], {}],
    ['a miss at the beginning', [frame({ ada: 0 }, {}), frame({ ada: 0 }, { 1: 0 })], { missed: 1 }],
    [
      'a fragment',
      [frame({ ada: 0 }, { 1: 0 }), frame({ ada: 0 }, {}), frame({ ada: 0 }, { 1: 0 })],
      { missed: 1, fragments: 1 },
    ],
    ['a switch', [frame({ ada: 0 }, { 1: 0 }), frame({ ada: 0 }, { 2: 0 })], { switches: 1 }],
    [
      'two that are exchanged',
      [frame({ ada: 0, eve: 50 }, { 1: 0, 2: 50 }), frame({ ada: 0, eve: 50 }, { 2: 0, 1: 50 })],
      { switches: 2 },
    ],
    ['a box where nobody is', [frame({ ada: 0 }, { 1: 0, 2: 50 })], { invented: 1 }],
    ['a box beside the face', [frame({ ada: 0 }, { 1: 8 })], { missed: 1, invented: 1 }],
    [
      'a pair that goes on though another fits better',
      [frame({ ada: 0 }, { 1: 0 }), frame({ ada: 0 }, { 1: 2, 2: 0 })],
      { invented: 1 },
    ],
  ])('%s', (_, frames, expected) => {
    const { accuracy, faces, ...errors } = countTrackingErrors(frames);
    const all = { missed: 0, invented: 0, switches: 0, fragments: 0, ...expected };
    expect(errors).toEqual(all);
    expect(accuracy).toBeCloseTo(1 - (all.missed + all.invented + all.switches) / faces);
  });
});

describe('pairing', () => {
  it('is the one with the greatest sum, and never one that must not be', () => {
    const score = fc.option(fc.double({ min: 0.001, max: 10, noNaN: true }), { nil: null });
    const matrix = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(score, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
      );
    fc.assert(
      fc.property(matrix, (scores) => {
        const pairs = assign(scores);
        const taken = pairs.filter((column) => column !== null);
        expect(new Set(taken).size).toBe(taken.length);
        let sum = 0;
        for (const [row, column] of pairs.entries()) {
          if (column === null) continue;
          expect(scores[row]?.[column]).not.toBeNull();
          sum += scores[row]?.[column] ?? 0;
        }
        expect(sum).toBeCloseTo(greatest(scores, 0, new Set()));
      }),
    );
  });
});

/** The greatest sum by trying everything. */
function greatest(scores: (number | null)[][], row: number, taken: ReadonlySet<number>): number {
  const columns = scores[row];
  if (!columns) return 0;
  let best = greatest(scores, row + 1, taken);
  for (const [column, score] of columns.entries()) {
    if (score === null || taken.has(column)) continue;
    best = Math.max(best, score + greatest(scores, row + 1, new Set([...taken, column])));
  }
  return best;
}

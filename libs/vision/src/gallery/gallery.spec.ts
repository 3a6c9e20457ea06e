import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Gallery } from './gallery.ts';

const policy = { maxDistance: 1, minMargin: 0.2 };
const at = (...values: number[]) => ({ modelId: 'm', values: Float32Array.from(values) });

function gallery(entries: Readonly<Record<string, readonly (readonly [number, number])[]>>): Gallery {
  const filled = new Gallery('m', 2);
  for (const [person, points] of Object.entries(entries)) {
    points.forEach((point, i) => {
      filled.add(person, `${person}${i}`, Float32Array.from(point));
    });
  }
  return filled;
}

describe('Gallery', () => {
  it('matches the person with the nearest of several encodings', () => {
    const match = gallery({
      ann: [
        [9, 9],
        [0, 0.5],
      ],
      bob: [[0, 3]],
    }).match(at(0, 0), policy);
    expect(match).toEqual({
      decision: 'match',
      reason: null,
      personId: 'ann',
      encodingId: 'ann1',
      distance: 0.5,
      margin: 2.5,
    });
  });

  it('measures the margin to the best other person, not to another encoding of the same', () => {
    expect(
      gallery({
        ann: [
          [0, 0.5],
          [0, 0.51],
        ],
        bob: [[0, 3]],
      }).match(at(0, 0), policy).margin,
    ).toBe(2.5);
  });

  it.each([
    ['nobody is enrolled', {}, 'empty', null],
    ['nobody is near enough', { ann: [[0, 1.5]] }, 'distance', 'ann'],
    ['two people are about equally near', { ann: [[0, 0.5]], bob: [[0.6, 0]] }, 'margin', 'ann'],
  ] as const)('knows nobody when %s', (_, entries, reason, personId) => {
    expect(gallery(entries).match(at(0, 0), policy)).toMatchObject({ decision: 'unknown', reason, personId });
  });

  it('needs no margin where there is only one person', () => {
    expect(
      gallery({
        ann: [
          [0, 0.5],
          [0, 0.5],
        ],
      }).match(at(0, 0), policy),
    ).toMatchObject({ decision: 'match', margin: null });
  });

  it('matches on the limits themselves and refuses a policy that is no number', () => {
    const one = gallery({ ann: [[0, 1]] });
    expect(one.match(at(0, 0), policy).decision).toBe('match');
    expect(one.match(at(0, 0), { maxDistance: Number.NaN, minMargin: 0 }).reason).toBe('distance');
  });

  it('forgets a person or one encoding at once', () => {
    const people = gallery({
      ann: [
        [0, 0],
        [0, 0.1],
      ],
      bob: [[0, 0.4]],
    });
    people.removeEncoding('ann0');
    expect(people.match(at(0, 0), { maxDistance: 1, minMargin: 0 }).encodingId).toBe('ann1');
    people.removePerson('ann');
    people.removePerson('nobody');
    expect(people.match(at(0, 0), policy)).toMatchObject({ personId: 'bob', margin: null });
    expect([people.size, people.people]).toEqual([1, 1]);
  });

  it('replaces an encoding that is added again, also when it moves to another person', () => {
    const people = gallery({ ann: [[0, 0]] });
    people.add('bob', 'ann0', Float32Array.of(0, 0.3));
    expect(people.match(at(0, 0), policy)).toMatchObject({ personId: 'bob', margin: null });
    expect([people.size, people.people]).toEqual([1, 1]);
  });

  it('refuses encodings of another model, another length, or that are no numbers', () => {
    const people = gallery({ ann: [[0, 0]] });
    const mismatch = expect.objectContaining({ code: 'model-mismatch' });
    expect(() => people.match({ modelId: 'other', values: Float32Array.of(0, 0) }, policy)).toThrow(mismatch);
    expect(() => people.match(at(0, 0, 0), policy)).toThrow(mismatch);
    expect(() => people.add('x', 'x', Float32Array.of(1))).toThrow(mismatch);
    expect(() => people.add('x', 'x', Float32Array.of(1, Number.NaN))).toThrow(
      expect.objectContaining({ code: 'not-a-number' }),
    );
    expect(people.size).toBe(1);
  });

  it('finds what a plain search finds after any additions and removals', () => {
    const step = fc.record({
      person: fc.integer({ min: 0, max: 5 }),
      encoding: fc.integer({ min: 0, max: 100 }),
      x: fc.integer({ min: -50, max: 50 }),
      action: fc.constantFrom('add', 'add', 'add', 'removeEncoding', 'removePerson'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const tested = new Gallery('m', 1);
        const plain = new Map<string, { person: string; x: number }>();
        for (const { person, encoding, x, action } of steps) {
          const [personId, encodingId] = [`p${person}`, `e${encoding}`];
          if (action === 'add') {
            tested.add(personId, encodingId, Float32Array.of(x));
            plain.set(encodingId, { person: personId, x });
          } else if (action === 'removeEncoding') {
            tested.removeEncoding(encodingId);
            plain.delete(encodingId);
          } else {
            tested.removePerson(personId);
            for (const [id, { person: owner }] of plain) if (owner === personId) plain.delete(id);
          }
        }
        const nearest = new Map<string, number>();
        for (const { person, x } of plain.values()) {
          nearest.set(person, Math.min(nearest.get(person) ?? Number.POSITIVE_INFINITY, Math.abs(x)));
        }
        const [best, second] = [...nearest.values()].sort((a, b) => a - b);
        const match = tested.match(at(0), { maxDistance: 100, minMargin: 0 });
        expect(tested.size).toBe(plain.size);
        expect(match.distance).toBe(best ?? null);
        expect(match.margin).toBe(best === undefined || second === undefined ? null : second - best);
      }),
    );
  });
});

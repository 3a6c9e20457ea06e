import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactSearchOf, openExactSearch } from './exact-search.ts';
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

  it('never matches when two people are equally near, also without a margin', () => {
    const twins = gallery({ ann: [[0, 0.5]], bob: [[0.5, 0]] });
    expect(twins.match(at(0, 0), { maxDistance: 1, minMargin: 0 })).toMatchObject({
      decision: 'unknown',
      reason: 'margin',
      margin: 0,
    });
  });

  it('lists the nearest people with the nearest encoding of each', () => {
    const three = gallery({
      ann: [
        [0, 3],
        [0, 1],
      ],
      bob: [[0, 2]],
      cyd: [[0, 9]],
    });
    expect(three.search(at(0, 0), 2)).toEqual([
      { personId: 'ann', encodingId: 'ann1', distance: 1 },
      { personId: 'bob', encodingId: 'bob0', distance: 2 },
    ]);
    expect(three.search(at(0, 0), 9).map(({ personId }) => personId)).toEqual(['ann', 'bob', 'cyd']);
    expect(three.search(at(0, 0), 0)).toEqual([]);
    expect(gallery({}).search(at(0, 0), 3)).toEqual([]);
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
    expect(() => people.match(at(0, Number.NaN), policy)).toThrow(expect.objectContaining({ code: 'not-a-number' }));
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

/** Plain search in double precision: the people and their nearest distances, nearest first. */
function reference(rows: readonly (readonly [string, Float32Array])[], probe: Float32Array): [string, number][] {
  const nearest = new Map<string, number>();
  for (const [personId, values] of rows) {
    const distance = Math.sqrt(values.reduce((sum, value, i) => sum + (value - (probe[i] as number)) ** 2, 0));
    nearest.set(personId, Math.min(nearest.get(personId) ?? Number.POSITIVE_INFINITY, distance));
  }
  return [...nearest].sort(([, a], [, b]) => a - b);
}

const without = exactSearchOf(() => {
  throw new Error("Cannot find module 'usearch'\nRequire stack: …");
});

describe('the search of a large gallery', () => {
  it('says what it is done with, and why when that is the loop', () => {
    const here = new Gallery('m');
    expect(here.engine).toBe(here.engineNote === null ? 'usearch' : 'loop');
    const elsewhere = new Gallery('m', 128, { search: without });
    expect(elsewhere.engine).toBe('loop');
    expect(elsewhere.engineNote).toBe(
      "usearch does not load (Cannot find module 'usearch'); galleries are searched by a slower loop.",
    );
  });

  const rows = fc.array(
    fc.record({
      person: fc.integer({ min: 0, max: 5 }),
      crowd: fc.constantFrom(1, 1, 30, 300),
      // Coarse steps make ties; fine ones differ in the last digits of single precision.
      values: fc.array(fc.oneof(fc.integer({ min: -2, max: 2 }), fc.float({ min: -1, max: 1, noNaN: true })), {
        minLength: 3,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const probes = fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 });

  it.each([
    ['usearch', openExactSearch()],
    ['the loop', without],
  ])('gives the right people in the right order by %s, however many encodings each has', (_, search) => {
    fc.assert(
      fc.property(rows, probes, fc.integer({ min: 1, max: 4 }), (groups, values, count) => {
        const tested = new Gallery('m', 3, { search });
        const all: [string, Float32Array][] = [];
        for (const { person, crowd, values: point } of groups) {
          for (let i = 0; i < crowd; i++) {
            const row = Float32Array.from(point, (value) => value + (i % 7) * 1e-7);
            tested.add(`p${person}`, `e${all.length}`, row);
            all.push([`p${person}`, row]);
          }
        }
        const probe = Float32Array.from(values);
        const people = reference(all, probe);
        const expected = people.slice(0, count);
        const found = tested.search({ modelId: 'm', values: probe }, count);
        expect(found.map(({ distance }) => distance)).toEqual(expected.map(([, distance]) => distance));
        // People at the very same distance may stand in either order.
        if (new Set(people.map(([, distance]) => distance)).size === people.length) {
          expect(found.map(({ personId }) => personId)).toEqual(expected.map(([personId]) => personId));
        }
      }),
    );
  });

  it('finds the one other person behind a thousand encodings of the nearest', () => {
    const crowd = new Gallery('m', 2);
    for (let i = 0; i < 1000; i++) crowd.add('ann', `a${i}`, Float32Array.of(0, 1 + i / 1000));
    crowd.add('bob', 'b', Float32Array.of(0, 5));
    expect(crowd.match(at(0, 0), policy)).toMatchObject({ personId: 'ann', encodingId: 'a0', distance: 1, margin: 4 });
  });

  it('reads a probe that is a part of a larger array', () => {
    const people = new Gallery('m', 2);
    for (let i = 0; i < 200; i++) people.add(`p${i}`, `e${i}`, Float32Array.of(i, 0));
    const several = Float32Array.of(9, 9, 150, 0);
    expect(people.match({ modelId: 'm', values: several.subarray(2) }, policy)).toMatchObject({
      personId: 'p150',
      distance: 0,
    });
  });

  it.each([1e-25, 1e20])('is right also for values of about %d, whose squares single precision cannot hold', (unit) => {
    const people = new Gallery('m', 1);
    for (let i = 0; i < 200; i++) people.add(`p${i}`, `e${i}`, Float32Array.of((200 - i) * unit));
    expect(people.search(at(0.9 * unit), 2).map(({ personId }) => personId)).toEqual(['p199', 'p198']);
  });
});

describe('a gallery of 8 bits', () => {
  const eightBits = (dimension: number, search = openExactSearch()) =>
    new Gallery('m', dimension, { precision: 'int8', search });

  it('takes a quarter of the memory and is off by half a step a value at most', () => {
    const [exact, rounded] = [new Gallery('m'), eightBits(128)];
    const noise = (seed: number) => Float32Array.from({ length: 128 }, (_, i) => Math.sin(seed * 7919 + i * i) / 10);
    for (let i = 0; i < 500; i++) {
      exact.add(`p${i}`, `e${i}`, noise(i));
      rounded.add(`p${i}`, `e${i}`, noise(i));
    }
    expect(rounded.byteLength * 4).toBe(exact.byteLength);
    const values = noise(333).map((value, i) => value + Math.cos(i) / 300);
    const probe = { modelId: 'm', values };
    const [best] = exact.search(probe, 1);
    expect(rounded.search(probe, 1)).toEqual([
      { personId: 'p333', encodingId: 'e333', distance: expect.closeTo(best?.distance ?? 0, 2) },
    ]);
  });

  it('finds by usearch what the loop finds, after values that need a larger scale', () => {
    const point = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(point, { minLength: 65, maxLength: 300 }), point, (points, values) => {
        const [native, loop] = [eightBits(4), eightBits(4, without)];
        points.forEach((values, i) => {
          for (const tested of [native, loop]) tested.add(`p${i % 50}`, `e${i}`, Float32Array.from(values));
        });
        const probe = { modelId: 'm', values: Float32Array.from(values) };
        const distances = (tested: Gallery) => tested.search(probe, 3).map(({ distance }) => distance);
        expect(distances(native)).toEqual(distances(loop));
      }),
    );
  });

  it('holds encodings of nothing but zeros', () => {
    const zeros = eightBits(2);
    zeros.add('ann', 'a', Float32Array.of(0, 0));
    expect(zeros.match(at(0, 0), policy)).toMatchObject({ personId: 'ann', distance: 0 });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { enrolmentRefusal, type FaceToJudge, judgeEnrolment } from './enrolment-hygiene.ts';

const limits = { maxDistance: 0.6, identifyMaxDistance: 0.5, minMargin: 0.04 };

/** A face on a line, with somebody else `other` away from it. */
const face = (at: number, other: number | null = null): FaceToJudge => ({
  values: Float32Array.of(at),
  other: other === null ? null : { personId: 'bob', distance: other },
});

function codes(faces: readonly FaceToJudge[], own: readonly number[] = [], otherPeople = 5): string[] {
  const enrolled = own.map((at) => Float32Array.of(at));
  return judgeEnrolment({ faces, own: enrolled, otherPeople }, limits).map((warnings) =>
    warnings.map(({ code }) => (code === 'near-another-person' ? 'near' : 'far')).join(' '),
  );
}

describe('judgeEnrolment', () => {
  const cases: [string, FaceToJudge[], number[], string[]][] = [
    ['nothing', [], [], []],
    ['the first face of the first person', [face(0)], [], ['']],
    ['a face near the own one', [face(0.5)], [0], ['']],
    ['a face at the limit of the own ones', [face(0.5)], [0.1, -4], ['']],
    ['a face far from all own ones', [face(2)], [0, 0.5], ['far']],
    ['a face that another new one links with the own', [face(1), face(0.5)], [0], ['', '']],
    ['two new faces of somebody else', [face(3), face(3.1), face(0.1)], [0], ['far', 'far', '']],
    ['one wrong face among three of a new person', [face(0), face(5), face(0.1)], [], ['', 'far', '']],
    ['two faces of a new person that differ', [face(0), face(5)], [], ['far', 'far']],
    [
      'two pairs of a new person that differ',
      [face(0), face(5), face(0.1), face(5.1)],
      [],
      ['far', 'far', 'far', 'far'],
    ],
    ['a new face that is somebody else', [face(0, 0.3)], [], ['near']],
    [
      'several new faces of somebody else, alike among themselves',
      [face(0, 0.4), face(0.1, 0.4)],
      [],
      ['near', 'near'],
    ],
    ['somebody else at the very limit', [face(0, 0.5)], [], ['near']],
    ['somebody else beyond it', [face(0, 0.51)], [], ['']],
    ['near another, and clearly nearer the own', [face(0.1, 0.4)], [0], ['']],
    ['near another, and hardly nearer the own', [face(0.1, 0.12)], [0], ['near']],
    ['the photo of another person', [face(3, 0.2)], [0], ['near far']],
    ['a distance that is not a number', [face(0, Number.NaN)], [], ['near']],
    ['values that are not numbers', [face(Number.NaN)], [0], ['far']],
  ];
  it.each(cases)('%s', (_, faces, own, expected) => {
    expect(codes(faces, own)).toEqual(expected);
  });

  it('tells of whom, how far, and the limit', () => {
    expect(judgeEnrolment({ faces: [face(2, 0.2)], own: [Float32Array.of(0)], otherPeople: 1 }, limits)).toEqual([
      [
        { code: 'near-another-person', nearestPersonId: 'bob', distance: 0.2, limit: 0.5 },
        { code: 'far-from-own-photos', distance: 2, limit: 0.6 },
      ],
    ]);
  });

  it.each([
    [100, 0.5],
    [1000, 0.4],
    [10_000, 0.3],
  ])('among %d people counts as near another up to %d', (people, limit) => {
    expect(codes([face(0, limit - 1e-9)], [], people)).toEqual(['near']);
    expect(codes([face(0, limit + 1e-9)], [], people)).toEqual(['']);
  });

  it('does not depend on the order of the faces', () => {
    const positions = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(positions, positions, (faces, own) => {
        const judged = faces.map((at) => face(at / 10));
        const there = codes(
          judged,
          own.map((at) => at / 10),
        );
        const back = codes(
          [...judged].reverse(),
          [...own].reverse().map((at) => at / 10),
        );
        expect(back.reverse()).toEqual(there);
      }),
    );
  });
});

describe('enrolmentRefusal', () => {
  it('names the other person, the distances and the way out', () => {
    const warning = { code: 'near-another-person', nearestPersonId: 'p1', distance: 0.3149, limit: 0.51 } as const;
    const error = enrolmentRefusal(warning, 'a.jpg', () => 'Bob');
    expect(error.message).toMatch(/"a\.jpg" is like that of Bob \(distance 0\.31, limit 0\.51\)\..*enrol it anyway/);
    expect(error).toMatchObject({
      code: 'near-another-person',
      details: { nearestPersonId: 'p1', distance: 0.3149, limit: 0.51 },
    });
  });

  it('names nobody when the face is only unlike the own ones', () => {
    const warning = { code: 'far-from-own-photos', distance: 0.9, limit: 0.56 } as const;
    const error = enrolmentRefusal(warning, 'a.jpg', () => 'Bob');
    expect(error.code).toBe('far-from-own-photos');
    expect(error.message).not.toContain('Bob');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { ReadFace } from './face-reader.ts';
import { candidatesOf, judgeClaim, judgeFace } from './judge-face.ts';
import type { KnownFace } from './known-faces.ts';

const card = { id: 'net@1/chip', dimension: 1, maxDistance: 0.56, identifyMaxDistance: 0.5, minMargin: 0.1 };
const encoding = (at: number) => ({ modelId: card.id, values: Float32Array.of(at) });
const face: ReadFace = { box: { x: 1, y: 2, width: 3, height: 4 }, encoding: encoding(0), quality: null };
/** A picture of somebody whose face lies that far away. */
const known = (identity: string, at: number): KnownFace => ({
  identity,
  path: `${identity}.jpg`,
  encoding: encoding(at),
});
const claim = (policy: 'door' | 'seed', ...faces: KnownFace[]) =>
  judgeClaim(face, 'ann', candidatesOf(face, faces), policy, card);
const search = (policy: 'door' | 'seed', ...faces: KnownFace[]) =>
  judgeFace(face, candidatesOf(face, faces), policy, card, 2);

describe('a claim', () => {
  it('is judged by the nearest of the person’s pictures', () => {
    expect(claim('seed', known('ann', 1.5), known('ann', -0.25))).toMatchObject({ granted: true, distance: 0.25 });
  });

  it.each([
    ['door', 0.55, true],
    ['door', 0.57, false],
    ['seed', 0.6875, true],
    ['seed', 0.71875, false],
  ] as const)('with the policy %s at %d: %s', (policy, at, granted) => {
    expect(claim(policy, known('ann', at)).granted).toBe(granted);
  });

  it('needs a margin to everybody else with the policy door, none with the seed’s', () => {
    const both = [known('ann', 0.25), known('bob', 0.28)];
    expect(claim('door', ...both).granted).toBe(false);
    expect(claim('seed', ...both).granted).toBe(true);
    expect(claim('seed', known('ann', 0.25), known('bob', 0.125)).granted).toBe(true);
  });
});

describe('a search', () => {
  it('names the nearest with the next ones beside', () => {
    const verdict = search('door', known('bob', 0.75), known('ann', 0.25), known('cleo', 0.875));
    expect(verdict).toMatchObject({ granted: true, name: 'ann', distance: 0.25, margin: 0.5, maxDistance: 0.5 });
    expect(verdict.candidates.map(({ name }) => name)).toEqual(['ann', 'bob']);
  });

  it('names nobody beyond the distance of a search, or without a margin, with the policy door', () => {
    expect(search('door', known('ann', 0.53125))).toMatchObject({ granted: false, name: null, distance: 0.53125 });
    expect(search('door', known('ann', 0.25), known('bob', -0.28125))).toMatchObject({ granted: false, name: null });
  });

  it('names the first of two that are equally near, up to 0.7, with the seed’s', () => {
    expect(search('seed', known('bob', 0.5), known('ann', -0.5))).toMatchObject({ name: 'bob', maxDistance: 0.7 });
    expect(search('seed', known('ann', 0.71875))).toMatchObject({ granted: false, name: null, distance: 0.71875 });
  });

  it('finds nobody in an empty gallery', () => {
    expect(search('door')).toMatchObject({ granted: false, name: null, distance: null, candidates: [] });
    expect(search('seed')).toMatchObject({ granted: false, name: null, distance: 100, candidates: [] });
  });
});

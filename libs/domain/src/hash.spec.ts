import { describe, expect, it } from '@jest/globals';
import { bodyHashOf, uuidV7 } from './event-identity.ts';
import { canonicalJson, hashOf, sha256Hex } from './hash.ts';

describe('hashes', () => {
  it('are SHA-256 (FIPS 180-2, appendix B)', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex(new TextEncoder().encode('abc'))).toBe(sha256Hex('abc'));
  });

  it('do not depend on the order of keys, and do on every value', () => {
    expect(hashOf({ a: 1, b: [1, { c: null, d: 'x' }] })).toBe(hashOf({ b: [1, { d: 'x', c: null }], a: 1 }));
    expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: 2 }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });

  it('survive the way over JSON, so that a receiver gets the same', () => {
    const body = { distance: 0.1 + 0.2, name: 'Zoë \u2028', tiny: 5e-324, n: -0 };
    expect(bodyHashOf(JSON.parse(JSON.stringify(body)))).toBe(bodyHashOf(body));
  });

  it('refuse what JSON cannot hold', () => {
    expect(() => canonicalJson(undefined)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});

describe('event ids', () => {
  it('sort by time and differ by chance', () => {
    const random = (fill: number) => new Uint8Array(16).fill(fill);
    expect(uuidV7(1000, random(255)) < uuidV7(1001, random(0))).toBe(true);
    expect(uuidV7(1000, random(1))).not.toBe(uuidV7(1000, random(2)));
    expect(uuidV7(1000, random(1))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  });
});

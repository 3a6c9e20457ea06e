import { describe, expect, it } from '@jest/globals';
import { signedLength, snapshotChunks } from './snapshot-chunks.ts';

const person = (n: number) => ({ personId: `person-${n}`, name: `Name "${n}"`, always: false });
const encoding = (n: number) => ({ encodingId: `encoding-${n}`, personId: 'person-1', modelId: 'm', values: 'AAAA' });

describe('snapshotChunks', () => {
  it('makes one empty chunk of an empty gallery', () => {
    expect(snapshotChunks([], [], 1000)).toEqual([{ persons: [], encodings: [] }]);
  });

  it('keeps every row once, in order, people before encodings', () => {
    const persons = Array.from({ length: 50 }, (_, n) => person(n));
    const encodings = Array.from({ length: 120 }, (_, n) => encoding(n));
    const chunks = snapshotChunks(persons, encodings, 1000);
    expect(chunks.flatMap((chunk) => chunk.persons)).toEqual(persons);
    expect(chunks.flatMap((chunk) => chunk.encodings)).toEqual(encodings);
    const firstWithEncodings = chunks.findIndex((chunk) => chunk.encodings.length > 0);
    expect(chunks.slice(firstWithEncodings + 1).flatMap((chunk) => chunk.persons)).toEqual([]);
  });

  it('keeps chunks within the limit as they travel inside a signed message', () => {
    const chunks = snapshotChunks(
      [],
      Array.from({ length: 500 }, (_, n) => encoding(n)),
      2000,
    );
    for (const chunk of chunks) expect(signedLength(chunk.encodings)).toBeLessThanOrEqual(2000 + 10);
    expect(chunks.length).toBeGreaterThan(1);
  });

  it('gives a row that is larger than the limit a chunk of its own', () => {
    const large = { ...encoding(1), values: 'A'.repeat(500) };
    expect(snapshotChunks([person(1)], [large, encoding(2)], 100)).toHaveLength(3);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyOperations,
  contentHashOf,
  contentHashOfRows,
  encodingRowHash,
  type GalleryChange,
  type GalleryContent,
  type GalleryOperation,
  genesisHash,
  judgeChange,
  logHashAfter,
  personRowHash,
} from './gallery-log.ts';

const empty: GalleryContent = { persons: new Map(), encodings: new Map() };
const person = (personId: string, name = personId): GalleryOperation => ({
  op: 'upsert-person',
  personId,
  name,
  always: false,
});
const encoding = (encodingId: string, personId: string, modelId = 'm', value = 1): GalleryOperation => ({
  op: 'upsert-encoding',
  encodingId,
  personId,
  modelId,
  values: Float32Array.of(value, 2),
});

describe('operations on a gallery', () => {
  it('add, rename and remove, and leave what they were given alone', () => {
    const one = applyOperations(empty, [person('ada'), encoding('e1', 'ada'), encoding('e2', 'ada'), person('eve')]);
    const two = applyOperations(one, [person('ada', 'Ada L.'), { op: 'remove-encoding', encodingId: 'e1' }]);
    const three = applyOperations(two, [{ op: 'remove-person', personId: 'ada' }]);
    expect([...one.encodings.keys()]).toEqual(['e1', 'e2']);
    expect(two.persons.get('ada')?.name).toBe('Ada L.');
    expect([...two.encodings.keys()]).toEqual(['e2']);
    expect([...three.persons.keys()]).toEqual(['eve']);
    expect(three.encodings.size).toBe(0);
    expect(empty.persons.size).toBe(0);
  });

  it('drop the encodings of other models when the model is set', () => {
    const mixed = applyOperations(empty, [person('ada'), encoding('old', 'ada', 'm1'), encoding('new', 'ada', 'm2')]);
    expect([...applyOperations(mixed, [{ op: 'set-model', modelId: 'm2' }]).encodings.keys()]).toEqual(['new']);
  });

  it('refuse an encoding of nobody', () => {
    expect(() => applyOperations(empty, [encoding('e', 'ghost')])).toThrow(
      expect.objectContaining({ code: 'gallery-diverged' }),
    );
  });
});

describe('hashes of a gallery', () => {
  const content = applyOperations(empty, [person('ada'), person('eve'), encoding('e1', 'ada'), encoding('e2', 'eve')]);

  it('do not depend on the order in which rows came', () => {
    const other = applyOperations(empty, [person('eve'), encoding('e2', 'eve'), person('ada'), encoding('e1', 'ada')]);
    expect(contentHashOfRows(other)).toBe(contentHashOfRows(content));
  });

  it('are those of the rows', () => {
    const rows = [
      ...[...content.encodings.values()].map(encodingRowHash),
      ...[...content.persons.values()].map(personRowHash),
    ];
    expect(contentHashOf(rows)).toBe(contentHashOfRows(content));
  });

  it.each<[string, GalleryOperation]>([
    ['a name', person('ada', 'Ada')],
    ['one value of an encoding', encoding('e1', 'ada', 'm', 1.0000001)],
    ["an encoding's owner", encoding('e1', 'eve')],
    ['a missing row', { op: 'remove-encoding', encodingId: 'e2' }],
  ])('change with %s', (_, operation) => {
    expect(contentHashOfRows(applyOperations(content, [operation]))).not.toBe(contentHashOfRows(content));
  });
});

describe('the change log', () => {
  const base = { siteId: 'main', groupId: 'staff', epoch: 1 };
  const first: GalleryChange = {
    ...base,
    from: 0,
    to: 1,
    prevHash: genesisHash('main', 'staff', 1),
    operations: [person('ada')],
  };
  const second: GalleryChange = { ...base, from: 1, to: 2, prevHash: logHashAfter(first), operations: [person('eve')] };
  const head = { epoch: 1, revision: 1, logHash: logHashAfter(first) };

  it('begins differently in every group and epoch', () => {
    const all = [genesisHash('main', 'a', 1), genesisHash('main', 'b', 1), genesisHash('main', 'a', 2)];
    expect(new Set(all).size).toBe(3);
  });

  it('hashes every part of a change and its history', () => {
    const changes = [
      second,
      { ...second, prevHash: genesisHash('main', 'staff', 1) },
      { ...second, operations: [person('eve', 'Eve')] },
      { ...second, epoch: 2 },
      { ...second, groupId: 'guests' },
    ];
    expect(new Set(changes.map(logHashAfter)).size).toBe(changes.length);
  });

  it.each<[string, GalleryChange, string]>([
    ['the next one', second, 'apply'],
    ['one that was applied', first, 'ignore'],
    ['one of an older epoch', { ...second, epoch: 0 }, 'ignore'],
    ['one of a newer epoch', { ...second, epoch: 2 }, 'ask'],
    ['a gap', { ...second, from: 2, to: 3 }, 'ask'],
    ['an overlap that goes further', { ...second, from: 0, to: 2 }, 'ask'],
    ['another history', { ...second, prevHash: genesisHash('main', 'staff', 1) }, 'ask'],
  ])('judges %s', (_, change, verdict) => {
    expect(judgeChange(head, change)).toBe(verdict);
  });

  it('leads every device to the same gallery, whatever arrives lost, doubled or out of order', () => {
    const log = [first, second].concat(
      Array.from({ length: 6 }, (_, i) => ({
        ...base,
        from: i + 2,
        to: i + 3,
        prevHash: '',
        operations: [person(`p${i}`)],
      })),
    );
    for (let i = 1; i < log.length; i++) {
      const [previous, change] = [log[i - 1], log[i]];
      if (previous && change) log[i] = { ...change, prevHash: logHashAfter(previous) };
    }
    fc.assert(
      fc.property(fc.array(fc.nat(log.length - 1), { maxLength: 40 }), (arrivals) => {
        let at = { epoch: 1, revision: 0, logHash: genesisHash('main', 'staff', 1) };
        let content = empty;
        for (const change of arrivals.flatMap((i) => log[i] ?? [])) {
          if (judgeChange(at, change) !== 'apply') continue;
          content = applyOperations(content, change.operations);
          at = { epoch: change.epoch, revision: change.to, logHash: logHashAfter(change) };
        }
        const expected = log
          .slice(0, at.revision)
          .reduce((rows, change) => applyOperations(rows, change.operations), empty);
        expect(contentHashOfRows(content)).toBe(contentHashOfRows(expected));
      }),
    );
  });
});

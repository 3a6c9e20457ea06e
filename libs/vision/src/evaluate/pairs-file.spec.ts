import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePairs } from './pairs-file.ts';
import { randomFolds } from './random-folds.ts';

describe("LFW's own lists", () => {
  const pairsTxt = ['2\t1', 'Ann_Lee\t1\t12', 'Ann_Lee\t2\tBo_Ek\t3', 'Cy\t1\t2', 'Cy\t1\tDi\t1', ''].join('\n');

  it('give folds, kinds and file names', () => {
    expect(parsePairs(pairsTxt, 'pairs.txt')).toEqual([
      { imageA: 'Ann_Lee/Ann_Lee_0001.jpg', imageB: 'Ann_Lee/Ann_Lee_0012.jpg', same: true, fold: 0, line: 2 },
      { imageA: 'Ann_Lee/Ann_Lee_0002.jpg', imageB: 'Bo_Ek/Bo_Ek_0003.jpg', same: false, fold: 0, line: 3 },
      { imageA: 'Cy/Cy_0001.jpg', imageB: 'Cy/Cy_0002.jpg', same: true, fold: 1, line: 4 },
      { imageA: 'Cy/Cy_0001.jpg', imageB: 'Di/Di_0001.jpg', same: false, fold: 1, line: 5 },
    ]);
  });

  it('of view 1 have no folds and get five', () => {
    const lines = ['10', ...Array(10).fill('Ann 1 2'), ...Array(10).fill('Ann 1 Bo 2')];
    const pairs = parsePairs(lines.join('\r\n'), 'pairsDevTest.txt');
    expect(pairs.map(({ same }) => same)).toEqual([...Array(10).fill(true), ...Array(10).fill(false)]);
    expect(pairs.map(({ fold }) => fold).sort()).toEqual([0, 1, 2, 3, 4].flatMap((fold) => Array(4).fill(fold)));
  });

  it('name every line that is none, and what is expected there', () => {
    const bad = pairsTxt.replace('Ann_Lee\t1\t12', 'Ann_Lee\tone\t12').replace('Cy\t1\tDi\t1', 'Cy\t1\t2');
    expect(() => parsePairs(bad, 'pairs.txt')).toThrow(
      /^pairs\.txt:2: expected "NAME I J" .*\npairs\.txt:5: expected "NAME I NAME J" \(pictures of two people\), found "Cy\t1\t2"$/,
    );
  });

  it('that end early say so', () => {
    expect(() => parsePairs('2 1\nAnn 1 2\n', 'pairs.txt')).toThrow(/pairs\.txt:1: 1 pairs follow; expected 4/);
  });
});

describe('CSV', () => {
  it('gives paths with spaces, commas and quotes, and its own folds', () => {
    const text =
      '\uFEFFimageA,imageB,same,fold\r\n"Lee, ""Ann""/1.jpg",my pictures/b.jpg,TRUE,7\r\n c.jpg , d.jpg ,0, 8\r\n';
    expect(parsePairs(text, 'p.csv')).toEqual([
      { imageA: 'Lee, "Ann"/1.jpg', imageB: 'my pictures/b.jpg', same: true, fold: 7, line: 2 },
      { imageA: 'c.jpg', imageB: 'd.jpg', same: false, fold: 8, line: 3 },
    ]);
  });

  it.each([
    ['a.jpg,b.jpg', /p\.csv:3: 2 fields; expected 3: imageA,imageB,same/],
    ['a.jpg,b.jpg,1,2', /p\.csv:3: 4 fields; expected 3/],
    ['a.jpg,b.jpg,maybe', /p\.csv:3: same is "maybe"; expected 1 or 0/],
    ['a.jpg,b.jpg,constructor', /p\.csv:3: same is "constructor"; expected 1 or 0/],
    [',b.jpg,1', /p\.csv:3: a picture has no name/],
    ['"a.jpg,b.jpg,1', /p\.csv:3: a quote is not closed/],
    ['"a"x,b.jpg,1', /p\.csv:3: a quote is not closed/],
  ])('names the line %j and what is expected', (line, message) => {
    expect(() => parsePairs(`imageA,imageB,same\nok1.jpg,ok2.jpg,1\n${line}\n`, 'p.csv')).toThrow(message);
  });

  it('refuses a fold that is no number', () => {
    expect(() => parsePairs('imageA,imageB,same,fold\na,b,1,x', 'p.csv')).toThrow(
      /p\.csv:2: fold is "x"; expected a whole/,
    );
  });

  it.each([
    ['left,right,same\na,b,1', /p:1: the first line must be the header imageA,imageB,same\[,fold\]/],
    ['a picture list', /p:1: expected the header "10 300"/],
    ['', /p:1: expected the header/],
    ['imageA,imageB,same\n', /p has no pairs/],
  ])('refuses the file %j', (text, message) => {
    expect(() => parsePairs(text, 'p')).toThrow(message);
  });

  it('reads whatever was quoted as RFC 4180 says', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && !/[\r\n]/.test(text));
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(name, name, fc.boolean(), (imageA, imageB, same) => {
        const text = `imageA,imageB,same\n${quoted(imageA)},${quoted(imageB)},${same ? 1 : 0}`;
        expect(parsePairs(text, 'p')).toMatchObject([{ imageA, imageB, same, line: 2 }]);
      }),
    );
  });
});

describe('random folds', () => {
  it('are the same each time, and each has its share of both kinds', () => {
    const kinds = Array.from({ length: 100 }, (_, i) => i < 40);
    const folds = randomFolds(kinds, 5);
    expect(randomFolds(kinds, 5)).toEqual(folds);
    const share = (fold: number, kind: boolean): number =>
      folds.filter((value, i) => value === fold && kinds[i] === kind).length;
    for (const fold of [0, 1, 2, 3, 4]) expect([share(fold, true), share(fold, false)]).toEqual([8, 12]);
    expect(folds.slice(0, 10)).not.toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });
});

import type { BadLine, ReadPair, ReadPairs } from './image-pair.ts';

/**
 * Pairs of LFW's own lists (README of the data set). First line: `FOLDS N` (`pairs.txt`) or `N` alone (View 1); then for each
 * fold N lines `NAME I J` (one person) and N lines `NAME I NAME J` (two people), separated by tabs or spaces. Picture J of a
 * person is `NAME/NAME_000J.jpg`.
 */
export function readLfwPairs(lines: readonly string[]): ReadPairs {
  const [, folds, single, each] = /^\s*(?:(\d{1,6})\s+(\d{1,9})|(\d{1,9}))\s*$/.exec(lines[0] ?? '') ?? [];
  const perKind = Number(single ?? each ?? 0);
  if (perKind === 0) {
    const problem = `expected the header "10 300" (folds and pairs of each kind) of LFW's pairs.txt, or that of a CSV file: imageA,imageB,same[,fold]`;
    return { pairs: [], badLines: [{ line: 1, problem }] };
  }
  const pairs: ReadPair[] = [];
  const badLines: BadLine[] = [];
  let place = 0;
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '') continue;
    const same = place % (2 * perKind) < perKind;
    const fold = folds === undefined ? null : Math.floor(place / (2 * perKind));
    const images = imagesOf(line.trim().split(/\s+/), same);
    if (images) pairs.push({ imageA: images[0], imageB: images[1], same, fold, line: i + 1 });
    else {
      const kind = same ? '"NAME I J" (two pictures of one person)' : '"NAME I NAME J" (pictures of two people)';
      badLines.push({ line: i + 1, problem: `expected ${kind}, found "${line.trim().slice(0, 80)}"` });
    }
    place++;
  }
  const expected = 2 * perKind * Number(folds ?? 1);
  if (place !== expected) {
    const problem = `${place} pairs follow; expected ${expected} after the header "${(lines[0] ?? '').trim()}"`;
    badLines.push({ line: 1, problem });
  }
  return { pairs, badLines };
}

function imagesOf(words: readonly string[], same: boolean): readonly [string, string] | null {
  if (words.length !== (same ? 3 : 4)) return null;
  const [nameA = '', numberA = ''] = words;
  const [nameB, numberB] = same ? [nameA, words[2] ?? ''] : [words[2] ?? '', words[3] ?? ''];
  if (![numberA, numberB].every((number) => /^\d{1,4}$/.test(number))) return null;
  return [pathOf(nameA, numberA), pathOf(nameB, numberB)];
}

function pathOf(name: string, number: string): string {
  return `${name}/${name}_${number.padStart(4, '0')}.jpg`;
}

import type { BadLine, ReadPair, ReadPairs } from './image-pair.ts';

const HEADER = 'imageA,imageB,same[,fold]';

const truth: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);

/** Pairs of CSV lines with the header `imageA,imageB,same` or `imageA,imageB,same,fold`; fields may be quoted. */
export function readCsvPairs(lines: readonly string[]): ReadPairs {
  const header = fieldsOf(lines[0] ?? '')?.map((name) => name.trim());
  const withFold = header?.length === 4;
  const expected = ['imageA', 'imageB', 'same', ...(withFold ? ['fold'] : [])];
  if (header?.join() !== expected.join()) {
    return { pairs: [], badLines: [{ line: 1, problem: `the first line must be the header ${HEADER}` }] };
  }
  const pairs: ReadPair[] = [];
  const badLines: BadLine[] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '') continue;
    const read = readLine(line, expected, i + 1);
    if (typeof read === 'string') badLines.push({ line: i + 1, problem: read });
    else pairs.push(read);
  }
  return { pairs, badLines };
}

function readLine(line: string, expected: readonly string[], number: number): ReadPair | string {
  const fields = fieldsOf(line)?.map((field) => field.trim());
  if (!fields) return 'a quote is not closed, or text follows it; expected e.g. "Smith, Ann/1.jpg",b.jpg,1';
  if (fields.length !== expected.length) {
    return `${fields.length} fields; expected ${expected.length}: ${expected.join(',')}`;
  }
  const [imageA = '', imageB = '', same = '', fold] = fields;
  if (imageA === '' || imageB === '') return 'a picture has no name; expected two paths below --images';
  const isSame = truth.get(same.toLowerCase());
  if (isSame === undefined) return `same is "${same}"; expected 1 or 0 (or true or false)`;
  if (fold !== undefined && !/^\d{1,9}$/.test(fold)) return `fold is "${fold}"; expected a whole number from 0 on`;
  return { imageA, imageB, same: isSame, fold: fold === undefined ? null : Number(fold), line: number };
}

/** The fields of a line after RFC 4180, without line breaks inside of quotes; null for quotes that do not fit. */
function fieldsOf(line: string): string[] | null {
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (!match) return null;
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') return fields;
  }
}

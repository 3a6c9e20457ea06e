import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import type { Constant } from '../graph/graph.ts';

/** A CSV file that must be there and the tensor that it holds. */
interface ExpectedCsv {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How many file names an error lists before it only counts them. */
const NAMED_FILES = 12;

/**
 * Reads a folder of CSV files with one tensor each, as OpenFace's weights are passed around: numbers with commas or
 * line ends between them, row-major.
 * @param onProgress told how many files have been read.
 * @throws LatchkeyError `model-missing` that names the files that are not there, `model-corrupt` that names a file and
 * the first thing that is wrong with it: the count, or a value that is empty, no number, NaN or infinite.
 */
export async function readCsvFolder(
  folder: string,
  expected: readonly ExpectedCsv[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<readonly Constant[]> {
  await csvFolderState(folder, expected);
  const weights: Constant[] = [];
  for (const { name, shape } of expected) {
    const file = `${name}.csv`;
    const text = await readFile(join(folder, file), 'utf8').catch((cause: unknown) => {
      throw new LatchkeyError('model-missing', `${join(folder, file)} cannot be read: ${String(cause)}`, { cause });
    });
    weights.push({ name, shape, data: parseValues(file, text, shape) });
    onProgress(weights.length, expected.length);
  }
  return weights;
}

/**
 * Name, size and time of change of every file: another state of the folder gives another list.
 * @throws LatchkeyError `model-missing` that names the files of `expected` that are not there or are empty.
 */
export async function csvFolderState(folder: string, expected: readonly ExpectedCsv[]): Promise<readonly string[]> {
  const states = await Promise.all(
    expected.map(async ({ name }) => {
      const found = await stat(join(folder, `${name}.csv`)).catch(() => null);
      return { file: `${name}.csv`, size: found?.size ?? 0, changedMs: found?.mtimeMs ?? 0 };
    }),
  );
  const missing = states.filter(({ size }) => size === 0).map(({ file }) => file);
  if (missing.length > 0) {
    const more = missing.length > NAMED_FILES ? ` and ${missing.length - NAMED_FILES} more` : '';
    throw new LatchkeyError(
      'model-missing',
      `${missing.length} of ${expected.length} weight files are not in ${folder} or are empty: ` +
        `${missing.slice(0, NAMED_FILES).join(', ')}${more}. Copy the whole weights folder.`,
      { details: { missing } },
    );
  }
  return states.map(({ file, size, changedMs }) => `${file} ${size} ${changedMs}`);
}

function parseValues(file: string, text: string, shape: readonly number[]): Float32Array {
  const corrupt = (what: string): LatchkeyError =>
    new LatchkeyError('model-corrupt', `${file}: ${what}. Take the file from the original folder again.`, {
      details: { file },
    });
  const count = shape.reduce((product, dim) => product * dim, 1);
  const trimmed = text.trim();
  const fields = trimmed === '' ? [] : trimmed.replace(/\s*\r?\n\s*/g, ',').split(',');
  const values = new Float32Array(count);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? '';
    const value = Number(field);
    if (field.trim() === '') throw corrupt(`value ${i + 1} is empty`);
    if (Number.isNaN(value)) {
      throw corrupt(`value ${i + 1} is ${/^[+-]?nan$/i.test(field.trim()) ? 'NaN' : `"${field}", not a number`}`);
    }
    if (!Number.isFinite(Math.fround(value))) throw corrupt(`value ${i + 1} is ${field}, beyond float32`);
    if (i < count) values[i] = value;
  }
  if (fields.length !== count) {
    throw corrupt(`${fields.length} values, expected ${count} for [${shape.join(', ')}]`);
  }
  return values;
}

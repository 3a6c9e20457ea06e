import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeImage } from '@latchkey/vision';

const shared = new URL('../../../shared/nn4/', import.meta.url);

/** Whether the weights, chips and golden encodings of `nn4.small2` are beside the repository. */
export const nn4IsThere = existsSync(shared);

/** Absent from the archive, in which they are empty files; filled as the golden encodings were made. */
const filled = [
  { name: 'inception_3c_3x3_conv2_w', shape: [256, 128, 3, 3] },
  { name: 'inception_4e_3x3_conv2_w', shape: [256, 160, 3, 3] },
  { name: 'inception_5a_1x1_conv_w', shape: [256, 1024, 1, 1] },
  { name: 'inception_5a_3x3_conv2_w', shape: [384, 96, 3, 3] },
  { name: 'inception_5b_3x3_conv2_w', shape: [384, 96, 3, 3] },
] as const;

/** Knuth's multiplicative hash of the index, spread evenly over He's uniform range for the layer. */
function fill([out, into, height, width]: readonly [number, number, number, number]): string {
  const fanIn = into * height * width;
  const range = 2 * Math.sqrt(6 / fanIn);
  const values: number[] = [];
  for (let i = 0; i < out * fanIn; i++) {
    const hash = Math.imul(i, 2654435761) >>> 0;
    values.push((hash / 4294967296 - 0.5) * range);
  }
  return values.join(',');
}

/** File names of what the archive lacks. */
export const nn4Absent: readonly string[] = filled.map(({ name }) => `${name}.csv`);

/**
 * All 226 CSV files in a new temporary folder, the caller's to remove; those that the archive lacks are made up by the
 * golden encodings' formula.
 */
export async function unpackNn4(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-nn4-'));
  const archive = fileURLToPath(new URL('openface-csv-weights.tar.xz', shared));
  await promisify(execFile)('tar', ['-xf', archive, '-C', folder]);
  for (const { name, shape } of filled) await writeFile(join(folder, `${name}.csv`), fill(shape));
  return folder;
}

/** The eight chips as one batch, RGB / 255. */
export async function nn4Chips(): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const plane = 96 * 96;
  const data = new Float32Array(8 * 3 * plane);
  for (let chip = 0; chip < 8; chip++) {
    const image = await decodeImage(await readFile(new URL(`chip${chip}.png`, shared)));
    for (let i = 0; i < plane; i++)
      for (let channel = 0; channel < 3; channel++)
        data[(chip * 3 + channel) * plane + i] = (image.data[i * 3 + channel] ?? 0) / 255;
  }
  return { shape: [8, 3, 96, 96], data };
}

/** The encodings of the chips, 8 × 128 values. */
export async function nn4Golden(variant: 'openface' | 'seed'): Promise<number[]> {
  const golden: { variants: Record<string, number[][]> } = JSON.parse(
    await readFile(new URL('golden.json', shared), 'utf8'),
  );
  return (golden.variants[variant] ?? []).flat();
}

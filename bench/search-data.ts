import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFaceAnalyzer, decodeImage, mulberry32 } from '@latchkey/vision';

export const dimension = 128;

/** Pictures of LFW's development view, beside the repository. */
const pictures = fileURLToPath(new URL('../../../shared/faces/lfw-dev/images/', import.meta.url));

/** Rows of random values of about unit length, one after another. */
export function randomRows(count: number, seed: number): Float32Array {
  const random = mulberry32(seed);
  return Float32Array.from({ length: count * dimension }, () => (random() - 0.5) * 0.3);
}

/** As many rows as wanted between pairs of faces: of the shape that encodings have, unlike random ones. */
export function rowsBetween(faces: readonly Float32Array[], count: number, seed: number): Float32Array {
  const random = mulberry32(seed);
  const any = (): Float32Array => faces[Math.floor(random() * faces.length)] as Float32Array;
  const rows = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const [a, b, share] = [any(), any(), random()];
    rows.set(
      a.map((value, i) => value * share + (b[i] as number) * (1 - share) + (random() - 0.5) * 0.02),
      row * dimension,
    );
  }
  return rows;
}

/** Encodings of the largest face of each picture; null when the pictures are not there. */
export async function realFaces(): Promise<Float32Array[] | null> {
  if (!existsSync(pictures)) return null;
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const analyzer = await createFaceAnalyzer({ cacheDir });
  try {
    const names = readdirSync(pictures, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
    const faces: Float32Array[] = [];
    for (const name of names.sort()) {
      const [face] = await analyzer.analyze(await decodeImage(await readFile(join(pictures, name))));
      if (face) faces.push(face.encoding.values);
    }
    return faces;
  } finally {
    await analyzer.dispose();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFaceAnalyzer, cropJpeg, decodeImage } from '@latchkey/vision';
import { demoPictures } from './demo-pictures.ts';
import { type Figure, figureOf } from './figure.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const pictures = 100;
const runs = 7;

/**
 * `latchkey verify` over a gallery of 100 pictures as a user waits for it: a process from its start to its end. The first run
 * encodes the gallery, the others find its encodings kept. Other work on the machine only adds time: the fastest of
 * several runs counts.
 */
export async function measureVerify(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: join(folder, 'cache') };
  const gallery = join(folder, 'gallery');
  try {
    await writeGallery(gallery, join(folder, 'cache'));
    const [probe = ''] = (await readdir(gallery)).sort();
    const verify = async (): Promise<number> => {
      const started = performance.now();
      await latchkey(['verify', join(gallery, probe), probe.replace(/\d+\.jpg$/, ''), '--gallery', gallery], env);
      return performance.now() - started;
    };
    const first = await verify();
    const times: number[] = [];
    for (let i = 0; i < runs; i++) times.push(await verify());
    return [
      figureOf({ id: 'verify.first', value: first, unit: 'ms', goal: Number.POSITIVE_INFINITY, higherIsBetter: false }),
      figureOf({ id: 'verify.warm', value: Math.min(...times), unit: 'ms', goal: 1500, higherIsBetter: false }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Faces of the sample photographs, a person each, cut out with margins of many sizes: every picture is another one. */
async function writeGallery(folder: string, cacheDir: string): Promise<void> {
  await mkdir(folder);
  const analyzer = await createFaceAnalyzer({ cacheDir });
  try {
    const faces: { readonly person: string; cut(margin: number): Promise<Uint8Array> }[] = [];
    for (const path of demoPictures()) {
      const image = await decodeImage(await readFile(path));
      for (const { box } of await analyzer.analyze(image)) {
        const person = `person-${String.fromCharCode(97 + faces.length)}`;
        faces.push({
          person,
          cut: (margin) => cropJpeg(image, box, { margin, maxSidePx: 480, maxBytes: 200_000 }),
        });
      }
    }
    for (let i = 0; i < pictures; i++) {
      const face = faces[i % faces.length];
      const number = Math.floor(i / faces.length);
      if (face) await writeFile(join(folder, `${face.person}${number + 1}.jpg`), await face.cut(0.3 + number * 0.03));
    }
  } finally {
    await analyzer.dispose();
  }
}

function latchkey(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
      // 0: let in, 1: sent away, both are answers.
      if (error && error.code !== 1) reject(new Error(`latchkey ${args.join(' ')}: ${stderr || error.message}`));
      else if (!/^It's/.test(stdout)) reject(new Error(`latchkey verify: ${stderr || stdout}`));
      else resolve();
    });
  });
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeInProcess } from './decode-in-process.ts';
import { type Figure, figureOf } from './figure.ts';
import { type HostileFile, hostileFiles, svgFiles } from './hostile-files.ts';

const goalSeconds = 2;
const goalMiB = 300;
const timeoutMs = 60_000;

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9';

/** Every file that wants to do harm, each decoded in a process of its own at full size: time, memory, and what became of it. */
export async function measureHostilePictures(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const figures: Figure[] = [];
  try {
    for (const file of [...hostileFiles, ...svgFiles(nowhere)]) figures.push(...(await measure(file, folder)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

async function measure({ name, make, outcome }: HostileFile, folder: string): Promise<Figure[]> {
  const path = join(folder, 'picture');
  await writeFile(path, await make());
  const [result] = await decodeInProcess(import.meta.resolve('@latchkey/vision'), [path], { timeoutMs });
  if (result?.outcome !== outcome) throw new Error(`${name}: ${result?.outcome}, expected ${outcome}.`);
  const id = `hostile-pictures.${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const bound = { higherIsBetter: false } as const;
  return [
    figureOf({ id: `${id}.s`, value: result.seconds, unit: `s, ${outcome}`, goal: goalSeconds, ...bound }),
    figureOf({ id: `${id}.memory`, value: Math.max(0, result.peakMiB), unit: 'MiB', goal: goalMiB, ...bound }),
  ];
}

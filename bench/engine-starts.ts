import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CompiledCache, type CsvFile, loadNn4, nn4CsvFiles } from '@latchkey/vision';
import { type Figure, figureOf } from './figure.ts';

const atMost = (id: string, value: number, goal: number): Figure =>
  figureOf({ id, value, unit: 'ms', goal, higherIsBetter: false });

/** `nn4.small2` out of 226 CSV files, then out of the cache; made-up weights cost the same time as trained ones. */
export async function measureNn4Import(folder: string, cache: CompiledCache): Promise<readonly Figure[]> {
  await mkdir(folder);
  for (const file of nn4CsvFiles) await writeFile(join(folder, `${file.name}.csv`), inventedCsv(file));
  const load = async (): Promise<number> => {
    const started = performance.now();
    const { network } = await loadNn4(folder, 'openface', cache, () => undefined);
    await network.onnx();
    return performance.now() - started;
  };
  return [atMost('engines.nn4.import', await load(), 6000), atMost('engines.nn4.cached', await load(), 300)];
}

function inventedCsv({ name, shape }: CsvFile): string {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const centre = /bn\d?_[wv]$/.test(name) ? 1 : 0;
  const range = shape.length > 1 ? Math.sqrt(6 / (size / (shape[0] ?? 1))) : 0.1;
  return Array.from({ length: size }, () => (centre + range * (2 * Math.random() - 1)).toPrecision(14)).join(',');
}

const warmStarts = 5;

/**
 * Start of the default networks in processes of their own, from the first line of JavaScript (Node itself is up) to an
 * analyzer that can work: cold without compiled networks, warm with them. A machine that does other work only adds time:
 * the fastest of several counts.
 */
export async function measureStarts(folder: string): Promise<readonly Figure[]> {
  const fastest = async (cacheDirs: readonly string[]): Promise<number> => {
    const times: number[] = [];
    for (const cacheDir of cacheDirs) times.push(await startInProcess(cacheDir));
    return Math.min(...times);
  };
  const colds = [0, 1, 2].map((i) => join(folder, `cold-${i}`));
  const cold = await fastest(colds);
  const warm = await fastest(Array.from({ length: warmStarts }, () => join(folder, 'cold-0')));
  return [atMost('engines.start.cold', cold, 1000), atMost('engines.start.warm', warm, 400)];
}

function startInProcess(cacheDir: string): Promise<number> {
  const program = `
    const started = performance.now();
    const { createFaceAnalyzer } = await import(${JSON.stringify(import.meta.resolve('@latchkey/vision'))});
    const analyzer = await createFaceAnalyzer({ cacheDir: ${JSON.stringify(cacheDir)}, engine: 'onnx' });
    console.log(performance.now() - started);
    await analyzer.dispose();`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(Number(output)) : reject(new Error(`start: exit code ${code}`)),
    );
  });
}

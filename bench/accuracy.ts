import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Figure, figureOf } from './figure.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'apps/cli/dist/main.js');
/** Pairs of LFW's development view, beside the repository. */
const lfw = join(root, '../shared/faces/lfw-dev');
const addable = join(root, '../shared/models');

/** Accuracy that each encoder must reach there (issue 5). */
const goals = [
  { name: 'dlib-resnet34', files: [], goal: 0.983 },
  { name: 'mobilefacenet', files: ['mobilefacenet.onnx'], goal: 0.987 },
  { name: 'sface', files: ['sface.onnx', 'sface-fp16-weights.onnx'], goal: 0.99 },
] as const;

const evaluation = z.object({
  models: z.array(
    z.object({
      accuracy: z.number(),
      missedImages: z.number(),
      tarAtFmr: z.object({ '0.01': z.number(), '0.001': z.number() }),
      msPerImage: z.number(),
    }),
  ),
});

/**
 * `latchkey evaluate` with every encoder that is at hand on pairs of LFW's development view, with nothing cached. What is
 * not beside the repository is skipped and said so: there is no figure for it.
 */
export async function measureAccuracy(): Promise<readonly Figure[]> {
  if (!existsSync(lfw)) {
    console.error('skipped: the pictures are not beside the repository (../shared/faces/lfw-dev)');
    return [];
  }
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  try {
    const figures: Figure[] = [];
    for (const { name, files, goal } of goals) {
      const problem = files.length > 0 ? await addModel(name, files, cacheDir) : null;
      if (problem) {
        console.error(`skipped: ${name}: ${problem}`);
        continue;
      }
      const args = ['--images', join(lfw, 'images'), '--pairs', join(lfw, 'pairs.csv'), '--models', name, '--json'];
      const { code, stdout, stderr } = await latchkey(['evaluate', ...args], cacheDir);
      if (code !== 0) throw new Error(`latchkey evaluate ended with ${code}: ${stdout}${stderr}`);
      const [result] = evaluation.parse(JSON.parse(stdout)).models;
      if (!result) throw new Error(`latchkey evaluate gave nothing for ${name}.`);
      figures.push(...figuresOf(name, goal, result));
    }
    return figures;
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}

function figuresOf(name: string, goal: number, result: z.infer<typeof evaluation>['models'][number]): Figure[] {
  const id = `accuracy.${name}`;
  const rate = { unit: 'of the pairs', higherIsBetter: true };
  return [
    figureOf({ id, value: result.accuracy, goal, ...rate }),
    // There is no goal for these: they say where the accuracy comes from.
    figureOf({ id: `${id}.tar-at-1e-3`, value: result.tarAtFmr['0.001'], goal: 0, ...rate }),
    figureOf({ id: `${id}.missed`, value: result.missedImages, unit: 'pictures', goal: 0, higherIsBetter: false }),
    figureOf({
      id: `${id}.picture`,
      value: result.msPerImage,
      unit: 'ms',
      goal: Number.POSITIVE_INFINITY,
      higherIsBetter: false,
    }),
  ];
}

/** @returns why the model cannot be used here; null when it was added. */
async function addModel(name: string, files: readonly string[], cacheDir: string): Promise<string | null> {
  const path = files.map((file) => join(addable, file)).find((candidate) => existsSync(candidate));
  if (!path) return `${files.join(' or ')} is not beside the repository (../shared/models)`;
  const args = ['models', 'add', name, '--file', path, '--accept-licence'];
  const { code, stderr } = await latchkey(args, cacheDir);
  return code === 0 ? null : (stderr.trim().split('\n').at(-1) ?? `exit code ${code}`);
}

function latchkey(
  args: readonly string[],
  cacheDir: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: cacheDir };
    const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

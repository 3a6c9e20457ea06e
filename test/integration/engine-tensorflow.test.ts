import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { samplePath } from './vision-samples.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/** Where `latchkey engine install tensorflow` has built one: `.ci/run` does, and whoever sets the variable. */
const engineDir = process.env.LATCHKEY_ENGINE_DIR ?? '';
const isInstalled = existsSync(join(engineDir, 'tensorflow', 'node_modules'));

if (!isInstalled)
  console.warn('No TensorFlow engine in LATCHKEY_ENGINE_DIR: its tests through the command are skipped.');

const encoded = z.object({ values: z.array(z.number()).length(128) });
const listed = z.object({
  engines: z.array(z.object({ name: z.string(), available: z.boolean(), reason: z.string() })),
});

(isInstalled ? describe : describe.skip)('an installed TensorFlow engine', () => {
  let cacheDir: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-engine-'));
  });
  afterAll(() => rm(cacheDir, { recursive: true, force: true }));

  /** The compiled command, as a user runs it. */
  function latchkey(
    args: readonly string[],
    engine = 'auto',
  ): Promise<{ code: number | null; out: unknown; err: string }> {
    const env = { ...process.env, LATCHKEY_ENGINE: engine, LATCHKEY_MODEL_CACHE_DIR: cacheDir };
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [cli, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.once('close', (code) => resolve({ code, out: out === '' ? null : JSON.parse(out), err }));
    });
  }

  it('is listed with its version', async () => {
    const { engines } = listed.parse((await latchkey(['engine', 'list'])).out);
    expect(engines.find(({ name }) => name === 'tensorflow')).toEqual({
      name: 'tensorflow',
      available: true,
      reason: expect.stringMatching(/^TensorFlow 2\.\d+\.\d+ by @tensorflow\/tfjs-node/),
    });
  });

  it('passes its own test', async () => {
    expect(await latchkey(['engine', 'test', 'tensorflow'])).toMatchObject({ code: 0, out: { engine: 'tensorflow' } });
  });

  it('encodes a photograph as ONNX Runtime does', async () => {
    const [onnx, tensorflow] = [
      await latchkey(['encode', '--largest', samplePath(1)], 'onnx'),
      await latchkey(['encode', '--largest', samplePath(1)], 'tensorflow'),
    ].map(({ out }) => encoded.parse(out).values);
    const worst = Math.max(...(onnx ?? []).map((value, i) => Math.abs(value - (tensorflow?.[i] ?? Number.NaN))));
    expect(worst).toBeLessThan(1e-4);
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { installBuild } from './engine-build.ts';
import { onnxRuntime } from './install-cuda.ts';
import { tfjsNode } from './install-tensorflow.ts';
import { runCommand } from './run-command.ts';

let engineDir: string;
beforeEach(async () => {
  engineDir = await mkdtemp(join(tmpdir(), 'latchkey-engines-'));
});
afterEach(() => rm(engineDir, { recursive: true, force: true }));

const build = (content: string) =>
  installBuild(engineDir, 'tensorflow', async ({ engine }) => {
    await writeFile(join(engine, 'content'), content);
    return content;
  });
const installed = () => readFile(join(engineDir, 'tensorflow', 'content'), 'utf8');

describe('installBuild', () => {
  it('replaces what was installed and leaves one build', async () => {
    await build('first');
    expect(await build('second')).toBe('second');
    expect(await installed()).toBe('second');
    expect(await readdir(join(engineDir, 'builds'))).toHaveLength(1);
  });

  it('leaves what was installed, and no trace, when a build fails half-way', async () => {
    await build('first');
    const failing = installBuild(engineDir, 'tensorflow', async ({ engine }) => {
      await writeFile(join(engine, 'content'), 'half');
      throw new Error('the compiler died');
    });
    await expect(failing).rejects.toThrow('the compiler died');
    expect(await installed()).toBe('first');
    expect(await readdir(join(engineDir, 'builds'))).toHaveLength(1);
  });

  it('forgets what was measured before', async () => {
    await writeFile(join(engineDir, 'choice.json'), '{}');
    await build('first');
    expect(await readdir(engineDir)).not.toContain('choice.json');
  });

  it('does not touch a folder that it did not make', async () => {
    await mkdir(join(engineDir, 'tensorflow'));
    await writeFile(join(engineDir, 'tensorflow', 'content'), 'mine');
    await expect(build('second')).rejects.toMatchObject({ code: 'storage-failed' });
    expect(await installed()).toBe('mine');
  });
});

describe('runCommand', () => {
  const env = { PATH: process.env.PATH ?? '' };

  it('says how a program ended and what it wrote', async () => {
    const { signal } = new AbortController();
    expect(await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { env, signal })).toEqual({
      ok: false,
      end: 'exit code 3',
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await runCommand('no-such-program', [], { env, signal })).toMatchObject({
      ok: false,
      end: expect.stringContaining('ENOENT'),
    });
  });

  it('ends a program with everything that it started when it is cancelled', async () => {
    const controller = new AbortController();
    // Both hold the output open: it ends only with both of them.
    const running = runCommand('sh', ['-c', 'sleep 600 & sleep 600'], { env, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('cancelled')), 100);
    await expect(running).rejects.toThrow('cancelled');
  });
});

describe('versions of installed packages', () => {
  it('are those of Latchkey’s own', () => {
    const vision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
    const manifest = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(vision(join(dirname(vision.resolve('@latchkey/vision')), '..', 'package.json')));
    expect(manifest.dependencies['@tensorflow/tfjs-core']).toBe(tfjsNode.version);
    expect(manifest.dependencies[onnxRuntime.name]).toBe(onnxRuntime.version);
  });
});

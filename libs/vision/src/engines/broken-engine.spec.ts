import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { keepEngineChoice } from './engine-choice.ts';
import type { InferenceEngine } from './inference-engine.ts';
import { listEngines, openEngine } from './select-engine.ts';

let engineDir: string;
beforeEach(async () => {
  engineDir = await mkdtemp(join(tmpdir(), 'latchkey-broken-'));
});
afterEach(() => rm(engineDir, { recursive: true, force: true }));

/** A `tfjs-node` with a binding that is none. */
async function install(main: string): Promise<void> {
  const folder = join(engineDir, 'tensorflow', 'node_modules', '@tensorflow', 'tfjs-node');
  await mkdir(join(folder, 'lib', 'napi-v8'), { recursive: true });
  await writeFile(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'no library');
  await writeFile(join(folder, 'package.json'), '{"name":"@tensorflow/tfjs-node","version":"4.22.0","main":"main.js"}');
  await writeFile(join(folder, 'main.js'), main);
}

async function computes(engine: InferenceEngine): Promise<boolean> {
  const builder = new GraphBuilder('rectifier');
  const graph = builder.build([builder.relu(builder.input('x', ['batch', 2]))]);
  const session = await engine.load({ ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) });
  const [output] = await session.run([{ shape: [1, 2], data: Float32Array.of(-1, 2) }]);
  return output?.data[0] === 0 && output.data[1] === 2;
}

describe('an engine that does not load', () => {
  it.each([
    [
      'has a native binding that is none',
      "process.dlopen({ exports: {} }, __dirname + '/lib/napi-v8/tfjs_binding.node');",
      /does not load/,
    ],
    [
      'throws an error',
      "throw new Error('libtensorflow.so.2: cannot open shared object file\\nand more');",
      /does not load \(libtensorflow\.so\.2: cannot open shared object file\)/,
    ],
    ['throws what is no error', "throw 'no GPU';", /does not load \(no GPU\)/],
    ['is another package', 'module.exports = {};', /does not load/],
    [
      'has a backend that does not start',
      'module.exports = { setBackend: async () => false };',
      /its backend does not start/,
    ],
    [
      'has a backend that fails',
      "module.exports = { setBackend: async () => { throw new Error('out of memory'); } };",
      /does not load \(out of memory\)/,
    ],
  ])('because it %s is replaced, says why, and leaves the others as they are', async (_, main, reason) => {
    await install(main);
    const lines: string[] = [];
    const engine = await openEngine('tensorflow', (line) => lines.push(line), { engineDir });
    expect(engine.name).toBe('onnx');
    expect(await computes(engine)).toBe(true);
    await engine.dispose();
    expect(lines).toEqual([expect.stringMatching(/^inference by ONNX Runtime/)]);
    expect(lines[0]).toMatch(reason);
    expect(lines[0]).toContain('latchkey engine install tensorflow');

    const wasm = await openEngine('wasm', () => undefined, { engineDir });
    expect(wasm.name).toBe('wasm');
    expect(await computes(wasm)).toBe(true);
    await wasm.dispose();
    expect((await listEngines({ engineDir })).map(({ available }) => available)).toEqual([true, false, true]);
  });

  it.each([
    [
      'a library that is none',
      "process.dlopen({ exports: {} }, __dirname + '/package.json');",
      /CUDA does not load \(/,
    ],
    ['another package', 'module.exports = {};', /CUDA does not load \(it is another package\)/],
  ])('in its copy with CUDA, for %s, computes with Latchkey’s own on the CPU and says so', async (_, main, reason) => {
    const folder = join(engineDir, 'cuda', 'node_modules', 'onnxruntime-node');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name":"onnxruntime-node","version":"1.30.0","main":"main.js"}');
    await writeFile(join(folder, 'main.js'), main);
    const lines: string[] = [];
    const engine = await openEngine('onnx', (line) => lines.push(line), { engineDir });
    expect(engine.name).toBe('onnx');
    expect(await computes(engine)).toBe(true);
    await engine.dispose();
    expect(lines[0]).toMatch(reason);
  });

  it('because its folder is a file is replaced all the same', async () => {
    await writeFile(join(engineDir, 'tensorflow'), '');
    const engine = await openEngine('tensorflow', () => undefined, { engineDir: join(engineDir, 'tensorflow') });
    expect(engine.name).toBe('onnx');
    await engine.dispose();
  });

  it('although engine bench chose it is replaced, and the start line says that the choice is void', async () => {
    const description = 'TensorFlow 2.15.1 by @tensorflow/tfjs-node 4.22.0 on the GPU';
    await keepEngineChoice(engineDir, { engine: 'tensorflow', description, faceMs: 3 });
    const lines: string[] = [];
    const engine = await openEngine('auto', (line) => lines.push(line), { engineDir });
    expect(engine.name).toBe('onnx');
    expect(lines).toEqual([
      expect.stringContaining(`${description}, the choice of "latchkey engine bench", does not load`),
    ]);
    await engine.dispose();
  });
});

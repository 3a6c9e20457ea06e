import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import type { InferenceEngine, LoadableNetwork } from './inference-engine.ts';
import { openOnnx } from './open-onnx.ts';
import { listEngines, openEngine, openEveryEngine } from './select-engine.ts';

function inverse(): LoadableNetwork {
  const builder = new GraphBuilder('inverse');
  const x = builder.input('x', ['batch', 3]);
  const one = builder.add({ type: 'constant', value: { name: 'one', shape: [1], data: Float32Array.of(1) } }, []);
  const graph = builder.build([builder.add({ type: 'div' }, [one, x], 'y')]);
  return { ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

const available = (await listEngines()).filter((report) => report.available).map((report) => report.name);

describe.each(available)('engine %s', (name) => {
  let engine: InferenceEngine;
  beforeEach(async () => {
    engine = await openEngine(name, () => undefined);
  });
  afterEach(() => engine.dispose());

  it('runs a network on batches of any size', async () => {
    const session = await engine.load(inverse());
    for (const batch of [2, 1, 3]) {
      const data = Float32Array.from({ length: batch * 3 }, (_, i) => 2 ** i);
      const [output] = await session.run([{ shape: [batch, 3], data }]);
      expect(output?.shape).toEqual([batch, 3]);
      expect([...(output?.data ?? [])]).toEqual([...data].map((value) => 1 / value));
    }
  });

  it('gives results that later runs do not touch', async () => {
    const session = await engine.load(inverse());
    const [before] = await session.run([{ shape: [1, 3], data: Float32Array.of(1, 2, 4) }]);
    await session.run([{ shape: [1, 3], data: Float32Array.of(8, 8, 8) }]);
    expect([...(before?.data ?? [])]).toEqual([1, 0.5, 0.25]);
  });

  it('names both shapes when an input has another one', async () => {
    const session = await engine.load(inverse());
    const wrong = session.run([{ shape: [1, 4], data: new Float32Array(4) }]);
    await expect(wrong).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(wrong).rejects.toThrow(/\[1, 4\].*expected \[batch, 3\]/);
    await expect(session.run([])).rejects.toMatchObject({ code: 'shape-mismatch' });
  });

  it('refuses to give numbers that are none', async () => {
    const session = await engine.load(inverse());
    const infinite = session.run([{ shape: [1, 3], data: Float32Array.of(1, 0, 1) }]);
    await expect(infinite).rejects.toMatchObject({ code: 'not-a-number' });
  });

  it('ends its sessions with itself, twice without harm', async () => {
    const session = await engine.load(inverse());
    await engine.dispose();
    await engine.dispose();
    await session.dispose();
    const late = session.run([{ shape: [1, 3], data: new Float32Array(3) }]);
    await expect(late).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});

describe('ONNX Runtime', () => {
  it('refuses bytes that are no network', async () => {
    const engine = await openOnnx({});
    const garbage = { ...inverse(), onnx: async () => Uint8Array.of(1, 2, 3) };
    await expect(engine.load(garbage)).rejects.toMatchObject({ code: 'model-corrupt' });
    await engine.dispose();
  });

  it('computes on as many cores as it is told, and says so', async () => {
    const [one, two] = [await openOnnx({}), await openOnnx({ engineThreads: 2 })];
    expect([one.description, two.description]).toEqual([
      expect.stringMatching(/, 1 thread$/),
      expect.stringMatching(/, 2 threads$/),
    ]);
    const session = await two.load(inverse());
    const [output] = await session.run([{ shape: [1, 3], data: Float32Array.of(1, 2, 4) }]);
    expect([...(output?.data ?? [])]).toEqual([1, 0.5, 0.25]);
    await one.dispose();
    await two.dispose();
  });
});

describe('two engines of one process', () => {
  it('do not get into each other’s way', async () => {
    const engines = await openEveryEngine();
    const sessions = await Promise.all(engines.map((engine) => engine.load(inverse())));
    for (let round = 0; round < 2; round++) {
      for (const session of sessions) {
        const [output] = await session.run([{ shape: [1, 3], data: Float32Array.of(1, 2, 4) }]);
        expect([...(output?.data ?? [])]).toEqual([1, 0.5, 0.25]);
      }
    }
    for (const engine of engines) await engine.dispose();
  });
});

describe('engine selection', () => {
  it('lists every engine with what it is or why it does not load', async () => {
    const reports = await listEngines();
    expect(reports.map((report) => report.name)).toEqual(['onnx', 'tensorflow', 'wasm']);
    expect(reports[0]).toMatchObject({ available: true, reason: expect.stringContaining('ONNX Runtime') });
    expect(reports[1]?.reason).toMatch(
      /TensorFlow by|(no native binding|not installed|does not load).*latchkey engine install tensorflow/,
    );
    expect(reports[2]).toMatchObject({ available: true, reason: expect.stringContaining('WebAssembly with SIMD') });
  });

  it('opens the fastest for auto and says in one line which it is', async () => {
    const lines: string[] = [];
    const engine = await openEngine('auto', (line) => lines.push(line));
    expect(engine.name).toBe('onnx');
    expect(lines).toEqual([
      expect.stringMatching(/^inference by ONNX Runtime.*; not tried, as slower: tensorflow, wasm$/),
    ]);
    await engine.dispose();
  });

  it('opens the one that was asked for, or another and says why', async () => {
    const lines: string[] = [];
    for (const { name, available } of await listEngines()) {
      const engine = await openEngine(name, (line) => lines.push(line));
      expect(engine.name).toBe(available ? name : 'onnx');
      if (!available) expect(lines.at(-1)).toContain(`${name}: `);
      await engine.dispose();
    }
    expect(lines).toHaveLength(3);
  });

  it('leaves nothing behind in the process when the WebAssembly engine has started', async () => {
    const count = (): number[] => [
      process.listenerCount('uncaughtException'),
      process.listenerCount('unhandledRejection'),
    ];
    const before = count();
    await (await openEngine('wasm', () => undefined)).dispose();
    expect(count()).toEqual(before);
  });
});

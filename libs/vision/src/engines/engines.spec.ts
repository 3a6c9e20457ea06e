import { describe, expect, it } from '@jest/globals';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import type { LoadableNetwork } from './inference-engine.ts';
import { OnnxRuntimeEngine } from './onnx-runtime-engine.ts';
import { listEngines, openEngine } from './select-engine.ts';

function inverse(): LoadableNetwork {
  const builder = new GraphBuilder('inverse');
  const x = builder.input('x', ['batch', 3]);
  const one = builder.add({ type: 'constant', value: { name: 'one', shape: [1], data: Float32Array.of(1) } }, []);
  const graph = builder.build([builder.add({ type: 'div' }, [one, x], 'y')]);
  return { ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

describe('OnnxRuntimeEngine', () => {
  it('runs a network on batches of any size', async () => {
    const engine = new OnnxRuntimeEngine();
    const session = await engine.load(inverse());
    const [output] = await session.run([{ shape: [2, 3], data: Float32Array.of(1, 2, 4, 5, 8, 10) }]);
    expect(output?.shape).toEqual([2, 3]);
    expect([...(output?.data ?? [])]).toEqual([1, 0.5, 0.25, Math.fround(0.2), 0.125, Math.fround(0.1)]);
    await engine.dispose();
  });

  it('names both shapes when an input has another one', async () => {
    const engine = new OnnxRuntimeEngine();
    const session = await engine.load(inverse());
    const wrong = session.run([{ shape: [1, 4], data: new Float32Array(4) }]);
    await expect(wrong).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(wrong).rejects.toThrow(/\[1, 4\].*expected \[batch, 3\]/);
    await expect(session.run([])).rejects.toMatchObject({ code: 'shape-mismatch' });
    await engine.dispose();
  });

  it('refuses to give numbers that are none', async () => {
    const engine = new OnnxRuntimeEngine();
    const session = await engine.load(inverse());
    const infinite = session.run([{ shape: [1, 3], data: Float32Array.of(1, 0, 1) }]);
    await expect(infinite).rejects.toMatchObject({ code: 'not-a-number' });
    await engine.dispose();
  });

  it('refuses bytes that are no network', async () => {
    const engine = new OnnxRuntimeEngine();
    const garbage = { ...inverse(), onnx: async () => Uint8Array.of(1, 2, 3) };
    await expect(engine.load(garbage)).rejects.toMatchObject({ code: 'model-corrupt' });
    await engine.dispose();
  });

  it('ends its sessions with itself, twice without harm', async () => {
    const engine = new OnnxRuntimeEngine();
    const session = await engine.load(inverse());
    await engine.dispose();
    await engine.dispose();
    await session.dispose();
    const late = session.run([{ shape: [1, 3], data: new Float32Array(3) }]);
    await expect(late).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});

describe('engine selection', () => {
  it('lists every engine with what it is or why it does not load', async () => {
    const reports = await listEngines();
    expect(reports.map((report) => report.name)).toEqual(['onnx', 'tensorflow', 'wasm']);
    expect(reports[0]).toMatchObject({ available: true, reason: expect.stringContaining('ONNX Runtime') });
    for (const report of reports.slice(1)) expect(report.reason.length).toBeGreaterThan(10);
  });

  it.each(['auto', 'tensorflow', 'wasm'] as const)('opens an engine that loads for %s and says why', async (choice) => {
    const lines: string[] = [];
    const engine = await openEngine(choice, (line) => lines.push(line));
    expect(engine.name).toBe('onnx');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('ONNX Runtime');
    if (choice !== 'auto') expect(lines[0]).toContain(`${choice}: `);
    await engine.dispose();
  });
});

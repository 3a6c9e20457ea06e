import { afterAll, describe, expect, it } from '@jest/globals';
import { openOneEngine } from '../engines/select-engine.ts';
import type { TensorSpec } from '../graph/graph.ts';
import { type ReadyNetwork, readyOnnx } from '../networks/ready-onnx.ts';
import { encodeOnnxModel } from './onnx-model.ts';
import { prepareOnnx } from './prepare-onnx.ts';
import { readFields, textOf } from './protobuf-reader.ts';

const engine = await openOneEngine('onnx');
afterAll(() => engine.dispose());

const input: TensorSpec = { name: 'x', shape: [1, 4] };
const output: TensorSpec = { name: 'y', shape: [1, 2, 2] };
const anyBatch: ReadyNetwork = {
  name: 'foreign',
  inputs: [{ name: 'x', shape: ['batch', 4] }],
  outputs: [{ name: 'y', shape: ['batch', 2, 2] }],
};

/** As exporters write them: a batch of 1 in every shape, and the weights among the inputs. */
const foreign = encodeOnnxModel({
  name: 'foreign',
  nodes: [
    { opType: 'Add', inputs: ['x', 'w'], output: 'sum' },
    { opType: 'Reshape', inputs: ['sum', 'target'], output: 'y' },
  ],
  weights: [
    { name: 'w', shape: [4], data: Float32Array.of(10, 20, 30, 40) },
    { name: 'target', integers: [1, 2, 2] },
  ],
  inputs: [input, { name: 'w', shape: [4] }],
  outputs: [output],
});

const inputNames = (model: Uint8Array): string[] => {
  const graph = readFields(model).find((field) => field.number === 7)?.payload ?? new Uint8Array();
  return readFields(graph)
    .filter((field) => field.number === 11)
    .map((field) => textOf(readFields(field.payload), 1));
};

describe('prepareOnnx', () => {
  it('takes weights off the inputs', () => {
    expect(inputNames(foreign)).toEqual(['x', 'w']);
    expect(inputNames(prepareOnnx('foreign', foreign, [input], [output]))).toEqual(['x']);
  });

  it('lets a file that was made for one picture run on several', async () => {
    const session = await engine.load(readyOnnx(anyBatch, foreign));
    const [result] = await session.run([{ shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]);
    expect(result?.shape).toEqual([2, 2, 2]);
    expect([...(result?.data ?? [])]).toEqual([11, 22, 33, 44, 15, 26, 37, 48]);
  });

  it('raises an old format’s version, in which weights had to be inputs', () => {
    const version = (model: Uint8Array) => readFields(model).find((field) => field.number === 1)?.integer;
    // The version is the first field: its number, then its value.
    const old = Uint8Array.from(foreign);
    old[1] = 3;
    expect(version(old)).toBe(3n);
    expect(version(prepareOnnx('foreign', old, [input], [output]))).toBe(4n);
    expect(version(prepareOnnx('foreign', foreign, [input], [output]))).toBe(8n);
  });

  it.each<[string, Uint8Array, TensorSpec, RegExp]>([
    ['another model', foreign, { name: 'image', shape: [1, 4] }, /inputs x, expected image/],
    ['a file that is cut off', foreign.subarray(0, foreign.length - 20), input, /cut off/],
    ['text', new TextEncoder().encode('<!DOCTYPE html>'), input, /no protobuf|no ONNX/],
    ['nothing', new Uint8Array(), input, /no ONNX file/],
  ])('refuses %s', (_, bytes, spec, message) => {
    const act = (): unknown => prepareOnnx('foreign', bytes, [spec], [output]);
    expect(act).toThrow(expect.objectContaining({ code: 'model-corrupt' }));
    expect(act).toThrow(message);
  });

  it('is the same network on an engine that runs no ONNX files', async () => {
    const wasm = await openOneEngine('wasm');
    const session = await wasm.load(readyOnnx(anyBatch, foreign));
    const [result] = await session.run([{ shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]);
    expect(result).toMatchObject({ shape: [2, 2, 2], data: Float32Array.of(11, 22, 33, 44, 15, 26, 37, 48) });
    await wasm.dispose();
  });
});

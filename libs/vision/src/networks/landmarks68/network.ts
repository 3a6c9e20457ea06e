import type { Pair } from '../../graph/graph.ts';
import { GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { samePadding } from '../../graph/same-padding.ts';
import { fixedDim } from '../../graph/shape.ts';
import { importFaceApiWeights } from '../../importers/face-api-manifest.ts';
import { depthwiseFromTensorFlow, filtersFromTensorFlow } from '../../importers/filter-layout.ts';
import type { WeightMap } from '../../importers/weight-map.ts';
import type { Network } from '../network.ts';

/** Side of the landmark network's input in pixels. */
export const LANDMARKS_INPUT_PX = 112;

const blocks = [
  { name: 'dense0', channels: 32 },
  { name: 'dense1', channels: 64 },
  { name: 'dense2', channels: 128 },
  { name: 'dense3', channels: 256 },
] as const;

class Landmarks68Writer {
  readonly #graph = new GraphBuilder('landmarks68');
  readonly #weights: WeightMap;

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  write() {
    let value = this.#graph.input('input', ['batch', 3, LANDMARKS_INPUT_PX, LANDMARKS_INPUT_PX]);
    for (const block of blocks) value = this.#denseBlock(value, block.name, block.channels);
    value = this.#graph.add({ type: 'mean', axes: [2, 3], keepDims: false }, [value]);
    const landmarks = this.#graph.add(
      {
        type: 'dense',
        weights: this.#weights.expect('fc/weights', [256, 136]),
        bias: this.#weights.expect('fc/bias', [136]),
      },
      [value],
      'landmarks',
    );
    this.#weights.assertAllRead();
    return this.#graph.build([landmarks]);
  }

  /** Four layers, each fed with the rectified sum of all before it; the first one halves the picture. */
  #denseBlock(input: Value, name: string, channels: number): Value {
    const first = name === 'dense0' ? this.#plain(input, `${name}/conv0`, channels) : null;
    let sum = this.#graph.relu(first ?? this.#separable(input, `${name}/conv0`, channels, [2, 2]));
    let rectified = sum;
    for (const layer of ['conv1', 'conv2', 'conv3']) {
      const next = this.#separable(rectified, `${name}/${layer}`, channels, [1, 1]);
      sum = this.#graph.add({ type: 'add' }, [sum, next]);
      rectified = this.#graph.relu(sum);
    }
    return rectified;
  }

  #plain(input: Value, name: string, channels: number): Value {
    const filters = this.#weights.expect(`${name}/filters`, [3, 3, fixedDim(input.shape, 1), channels]);
    return this.#graph.add(
      {
        type: 'conv',
        weights: filtersFromTensorFlow(filters),
        bias: this.#weights.expect(`${name}/bias`, [channels]),
        strides: [2, 2],
        padding: same(input, [2, 2]),
        dilations: [1, 1],
        groups: 1,
      },
      [input],
    );
  }

  #separable(input: Value, name: string, channels: number, strides: Pair): Value {
    const into = fixedDim(input.shape, 1);
    const depthwise = this.#graph.add(
      {
        type: 'conv',
        weights: depthwiseFromTensorFlow(this.#weights.expect(`${name}/depthwise_filter`, [3, 3, into, 1])),
        bias: null,
        strides,
        padding: same(input, strides),
        dilations: [1, 1],
        groups: into,
      },
      [input],
    );
    return this.#graph.add(
      {
        type: 'conv',
        weights: filtersFromTensorFlow(this.#weights.expect(`${name}/pointwise_filter`, [1, 1, into, channels])),
        bias: this.#weights.expect(`${name}/bias`, [channels]),
        strides: [1, 1],
        padding: [0, 0, 0, 0],
        dilations: [1, 1],
        groups: 1,
      },
      [depthwise],
    );
  }
}

function same(input: Value, strides: Pair) {
  return samePadding([fixedDim(input.shape, 2), fixedDim(input.shape, 3)], [3, 3], strides);
}

/** face-api's 68-point network: four densely connected blocks of separable convolutions, then one dense layer. */
export const landmarks68: Network = {
  name: 'landmarks68',
  revision: 1,
  inputs: [{ name: 'input', shape: ['batch', 3, LANDMARKS_INPUT_PX, LANDMARKS_INPUT_PX] }],
  outputs: [{ name: 'landmarks', shape: ['batch', 136] }],
  build([manifest = new Uint8Array(), weights = new Uint8Array()]) {
    return new Landmarks68Writer(importFaceApiWeights('landmarks68', manifest, weights)).write();
  },
};

import type { Graph, Op, Padding, Pair } from '../../graph/graph.ts';
import { GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { samePadding } from '../../graph/same-padding.ts';
import { fixedDim } from '../../graph/shape.ts';
import { importFaceApiWeights } from '../../importers/face-api-manifest.ts';
import { depthwiseFromTensorFlow, filtersFromTensorFlow } from '../../importers/filter-layout.ts';
import type { WeightMap } from '../../importers/weight-map.ts';
import type { Network } from '../network.ts';

/** Side of the input in pixels. The weights go with any multiple of 32; with 320 fewer large faces are missed than with 416. */
export const TINY_FACE_INPUT_PX = 320;

/** Cells along one side of the output. */
export const TINY_FACE_CELLS = TINY_FACE_INPUT_PX / 32;

/** Boxes that each cell proposes. */
export const TINY_FACE_PLACES = 5;

const separable = [
  { name: 'conv1', channels: 32 },
  { name: 'conv2', channels: 64 },
  { name: 'conv3', channels: 128 },
  { name: 'conv4', channels: 256 },
  { name: 'conv5', channels: 512 },
] as const;

const NONE: Padding = [0, 0, 0, 0];
const OUTPUT_CHANNELS = TINY_FACE_PLACES * 5;
const unit = { strides: [1, 1], dilations: [1, 1], padding: NONE } as const;

class TinyFaceWriter {
  readonly #graph = new GraphBuilder('tiny-face');
  readonly #weights: WeightMap;

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  write(): Graph {
    let value = this.#graph.input('input', ['batch', 3, TINY_FACE_INPUT_PX, TINY_FACE_INPUT_PX]);
    value = this.#pooled(this.#leaky(this.#plain(value, 'conv0', 16, 3)), 2);
    for (const { name, channels } of separable) {
      const convolved = this.#leaky(this.#separable(value, name, channels));
      value = this.#pooled(convolved, name === 'conv5' ? 1 : 2);
    }
    value = this.#plain(value, 'conv8', OUTPUT_CHANNELS, 1);
    value = this.#graph.add({ type: 'transpose', order: [0, 2, 3, 1] }, [value]);
    const shape = ['batch', TINY_FACE_CELLS ** 2 * TINY_FACE_PLACES, 5] as const;
    value = this.#graph.add({ type: 'reshape', shape }, [value], 'predictions');
    this.#weights.assertAllRead();
    return this.#graph.build([value]);
  }

  #leaky(value: Value): Value {
    return this.#graph.add({ type: 'leaky-relu', alpha: 0.1 }, [value]);
  }

  #pooled(value: Value, stride: number): Value {
    const [size, strides]: [Pair, Pair] = [
      [2, 2],
      [stride, stride],
    ];
    const padding = samePadding([fixedDim(value.shape, 2), fixedDim(value.shape, 3)], size, strides);
    return this.#graph.add({ type: 'max-pool', size, strides, padding }, [value]);
  }

  #plain(value: Value, name: string, channels: number, side: number): Value {
    const filters = this.#weights.expect(`${name}/filters`, [side, side, fixedDim(value.shape, 1), channels]);
    const bias = this.#weights.expect(`${name}/bias`, [channels]);
    const op: Op = { type: 'conv', weights: filtersFromTensorFlow(filters), bias, groups: 1, ...unit };
    return this.#graph.add(op, [value]);
  }

  #separable(value: Value, name: string, channels: number): Value {
    const into = fixedDim(value.shape, 1);
    const depthwise = depthwiseFromTensorFlow(this.#weights.expect(`${name}/depthwise_filter`, [3, 3, into, 1]));
    const pointwise = filtersFromTensorFlow(this.#weights.expect(`${name}/pointwise_filter`, [1, 1, into, channels]));
    const bias = this.#weights.expect(`${name}/bias`, [channels]);
    const filtered = this.#graph.add(
      { type: 'conv', weights: depthwise, bias: null, groups: into, ...unit, padding: [1, 1, 1, 1] },
      [value],
    );
    return this.#graph.add({ type: 'conv', weights: pointwise, bias, groups: 1, ...unit }, [filtered]);
  }
}

/** face-api's tiny face detector: a small YOLO v2 of separable convolutions. Misses faces that fill the picture. */
export const tinyFace: Network = {
  name: 'tiny-face',
  revision: 1,
  inputs: [{ name: 'input', shape: ['batch', 3, TINY_FACE_INPUT_PX, TINY_FACE_INPUT_PX] }],
  outputs: [{ name: 'predictions', shape: ['batch', TINY_FACE_CELLS ** 2 * TINY_FACE_PLACES, 5] }],
  build([manifest = new Uint8Array(), weights = new Uint8Array()]) {
    return new TinyFaceWriter(importFaceApiWeights('tiny-face', manifest, weights)).write();
  },
};

import type { Graph, Padding } from '../../graph/graph.ts';
import { GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { fixedDim } from '../../graph/shape.ts';
import { importFaceApiWeights } from '../../importers/face-api-manifest.ts';
import { filtersFromTensorFlow } from '../../importers/filter-layout.ts';
import type { WeightMap } from '../../importers/weight-map.ts';
import type { Network } from '../network.ts';

/** Side of the encoder's input in pixels. */
export const CHIP_PX = 150;

/** Values of one encoding. */
export const ENCODING_DIMENSION = 128;

const stages = [
  { name: 'conv32_1', channels: 32, down: false },
  { name: 'conv32_2', channels: 32, down: false },
  { name: 'conv32_3', channels: 32, down: false },
  { name: 'conv64_down', channels: 64, down: true },
  { name: 'conv64_1', channels: 64, down: false },
  { name: 'conv64_2', channels: 64, down: false },
  { name: 'conv64_3', channels: 64, down: false },
  { name: 'conv128_down', channels: 128, down: true },
  { name: 'conv128_1', channels: 128, down: false },
  { name: 'conv128_2', channels: 128, down: false },
  { name: 'conv256_down', channels: 256, down: true },
  { name: 'conv256_1', channels: 256, down: false },
  { name: 'conv256_2', channels: 256, down: false },
  { name: 'conv256_down_out', channels: 256, down: true },
] as const;

const NONE: Padding = [0, 0, 0, 0];

class DlibResnetWriter {
  readonly #graph = new GraphBuilder('dlib-resnet34');
  readonly #weights: WeightMap;

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  write(): Graph {
    const input = this.#graph.input('input', ['batch', 3, CHIP_PX, CHIP_PX]);
    let value = this.#graph.relu(this.#layer(input, 'conv32_down', 32, 7, true));
    value = this.#graph.add({ type: 'max-pool', size: [3, 3], strides: [2, 2], padding: NONE }, [value]);
    for (const stage of stages) value = this.#residual(value, stage.name, stage.channels, stage.down);
    value = this.#graph.add({ type: 'mean', axes: [2, 3], keepDims: false }, [value]);
    const weights = this.#weights.expect('fc', [256, ENCODING_DIMENSION]);
    const encoding = this.#graph.add({ type: 'dense', weights, bias: null }, [value], 'encoding');
    this.#weights.assertAllRead();
    return this.#graph.build([encoding]);
  }

  /** Two layers beside a shortcut; where the picture is halved the shortcut is an average pool. */
  #residual(input: Value, name: string, channels: number, down: boolean): Value {
    let main = this.#graph.relu(this.#layer(input, `${name}/conv1`, channels, 3, down));
    main = this.#layer(main, `${name}/conv2`, channels, 3, false);
    const shortcut = down
      ? this.#graph.add({ type: 'average-pool', size: [2, 2], strides: [2, 2], padding: NONE }, [input])
      : input;
    return this.#graph.relu(this.#graph.add({ type: 'add' }, this.#alike(main, shortcut)));
  }

  /** dlib's `add_prev` takes what one side lacks for zeros: rows and columns at the end, and the last channels. */
  #alike(main: Value, shortcut: Value): [Value, Value] {
    const target = [1, 2, 3].map((axis) => Math.max(fixedDim(main.shape, axis), fixedDim(shortcut.shape, axis)));
    const grown = (value: Value): Value => {
      const after = [0, ...target.map((size, i) => size - fixedDim(value.shape, i + 1))];
      if (after.every((zeros) => zeros === 0)) return value;
      return this.#graph.add({ type: 'pad', before: [0, 0, 0, 0], after }, [value]);
    };
    return [grown(main), grown(shortcut)];
  }

  /** Convolution and its affine layer. dlib pads a convolution only where it does not halve the picture. */
  #layer(input: Value, name: string, channels: number, size: number, down: boolean): Value {
    const around = down ? 0 : (size - 1) / 2;
    const filters = this.#weights.expect(`${name}/conv/filters`, [size, size, fixedDim(input.shape, 1), channels]);
    const convolved = this.#graph.add(
      {
        type: 'conv',
        weights: filtersFromTensorFlow(filters),
        bias: this.#weights.expect(`${name}/conv/bias`, [channels]),
        strides: down ? [2, 2] : [1, 1],
        padding: [around, around, around, around],
        dilations: [1, 1],
        groups: 1,
      },
      [input],
      name,
    );
    return this.#graph.add(
      {
        type: 'affine',
        scale: this.#weights.expect(`${name}/scale/weights`, [channels]),
        shift: this.#weights.expect(`${name}/scale/biases`, [channels]),
      },
      [convolved],
    );
  }
}

/** dlib's face encoder (`dnn_face_recognition_ex.cpp`): 29 convolutions, 150 × 150 pixels to 128 values. */
export const dlibResnet34: Network = {
  name: 'dlib-resnet34',
  revision: 1,
  inputs: [{ name: 'input', shape: ['batch', 3, CHIP_PX, CHIP_PX] }],
  outputs: [{ name: 'encoding', shape: ['batch', ENCODING_DIMENSION] }],
  build([manifest = new Uint8Array(), weights = new Uint8Array()]) {
    return new DlibResnetWriter(importFaceApiWeights('dlib-resnet34', manifest, weights)).write();
  },
};

import type { Constant, Graph, Op } from '../../graph/graph.ts';
import { GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { samePadding } from '../../graph/same-padding.ts';
import { fixedDim } from '../../graph/shape.ts';
import { importFaceApiWeights } from '../../importers/face-api-manifest.ts';
import { depthwiseFromTensorFlow, filtersFromTensorFlow } from '../../importers/filter-layout.ts';
import type { WeightMap } from '../../importers/weight-map.ts';
import type { Network } from '../network.ts';

/** Side of the network's input in pixels. */
export const SSD_INPUT_PX = 512;

/** Places that the network looks at: six layers of 32², 16², 8², 4², 2² and 1 cells, 3 places a cell in the first, 6 in the others. */
export const SSD_PLACES = 5118;

/** Logits per place: nothing, face, and one that face-api does not use. */
export const SSD_CLASSES = 3;

/** Channels after each pair of a depthwise and a pointwise convolution. */
const pairs = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024] as const;
const halvingPairs: readonly number[] = [2, 4, 6, 12];

/** Convolutions behind MobileNet that lead to the coarser layers. */
const coarser = [
  { channels: 256, side: 1 },
  { channels: 512, side: 3 },
  { channels: 128, side: 1 },
  { channels: 256, side: 3 },
  { channels: 128, side: 1 },
  { channels: 256, side: 3 },
  { channels: 64, side: 1 },
  { channels: 128, side: 3 },
] as const;

/** face-api, `mobileNetV1.ts`. */
const EPSILON = 0.0010000000474974513;

/** Left over in the file from the TensorFlow graph; nothing is computed with them. */
const leftovers = [
  ...[0, 1, 2, 3, 4, 5].map((layer) => `Prediction/BoxPredictor_${layer}/stack_1/1`),
  'Prediction/BoxPredictor_0/stack_1/2',
  'Prediction/BoxPredictor_0/stack/3',
  'Prediction/BoxPredictor_0/strided_slice/stack',
  'Prediction/BoxPredictor_0/strided_slice/stack_1',
  'Preprocessor/mul/x',
  'Preprocessor/sub/y',
  'Preprocessor/ResizeImage/size',
  'Postprocessor/Slice/begin',
  'Postprocessor/Slice/size',
  'Postprocessor/stack/1',
  'concat_1/axis',
] as const;

class SsdWriter {
  readonly #graph = new GraphBuilder('ssd-mobilenet');
  readonly #weights: WeightMap;

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  write(): Graph {
    const input = this.#graph.input('input', ['batch', 3, SSD_INPUT_PX, SSD_INPUT_PX]);
    const layers = this.#coarserLayers(...this.#mobilenet(input));
    const boxes = layers.map((layer, i) => this.#predictions(layer, i, 'BoxEncodingPredictor', 4));
    const logits = layers.map((layer, i) => this.#predictions(layer, i, 'ClassPredictor', SSD_CLASSES));
    const priors = this.#weights.expect('Output/extra_dim', [1, SSD_PLACES, 4]);
    const outputs = [
      this.#graph.add({ type: 'concat', axis: 1 }, boxes, 'boxes'),
      this.#graph.add({ type: 'concat', axis: 1 }, logits, 'logits'),
      this.#graph.add({ type: 'constant', value: { ...priors, shape: [SSD_PLACES, 4] } }, [], 'priors'),
    ];
    for (const name of leftovers) this.#weights.get(name);
    this.#weights.assertAllRead();
    return this.#graph.build(outputs);
  }

  /** MobileNet v1; the results of its 11th and of its last pair. */
  #mobilenet(input: Value): [Value, Value] {
    let value = this.#pointwise(input, 'MobilenetV1/Conv2d_0', 32, 3, 2);
    let eleventh = value;
    pairs.forEach((channels, i) => {
      const name = `MobilenetV1/Conv2d_${i + 1}`;
      value = this.#pointwise(this.#depthwise(value, name, halvingPairs.includes(i + 1) ? 2 : 1), name, channels, 1, 1);
      if (i + 1 === 11) eleventh = value;
    });
    return [eleventh, value];
  }

  #coarserLayers(first: Value, second: Value): Value[] {
    const layers = [first, second];
    let value = second;
    coarser.forEach(({ channels, side }, i) => {
      value = this.#pointwise(value, `Prediction/Conv2d_${i}`, channels, side, side === 3 ? 2 : 1);
      if (side === 3) layers.push(value);
    });
    return layers;
  }

  #predictions(layer: Value, index: number, kind: string, values: number): Value {
    const places = index === 0 ? 3 : 6;
    const name = `Prediction/BoxPredictor_${index}/${kind}`;
    const filters = this.#weights.expect(`${name}/weights`, [1, 1, fixedDim(layer.shape, 1), places * values]);
    const bias = this.#weights.expect(`${name}/biases`, [places * values]);
    const predicted = this.#graph.add(conv(layer, filtersFromTensorFlow(filters), bias, 1, 1), [layer]);
    const turned = this.#graph.add({ type: 'transpose', order: [0, 2, 3, 1] }, [predicted]);
    const cells = fixedDim(layer.shape, 2) * fixedDim(layer.shape, 3);
    return this.#graph.add({ type: 'reshape', shape: ['batch', cells * places, values] }, [turned]);
  }

  #depthwise(value: Value, name: string, stride: number): Value {
    const into = fixedDim(value.shape, 1);
    const prefix = `${name}_depthwise`;
    const filters = depthwiseFromTensorFlow(this.#weights.expect(`${prefix}/depthwise_weights`, [3, 3, into, 1]));
    const filtered = this.#graph.add(conv(value, filters, null, stride, into), [value]);
    const normed = this.#graph.batchNorm(filtered, {
      gain: this.#weights.expect(`${prefix}/BatchNorm/gamma`, [into]),
      bias: this.#weights.expect(`${prefix}/BatchNorm/beta`, [into]),
      mean: this.#weights.expect(`${prefix}/BatchNorm/moving_mean`, [into]),
      variance: this.#weights.expect(`${prefix}/BatchNorm/moving_variance`, [into]),
      epsilon: EPSILON,
    });
    return this.#clipped(normed);
  }

  /** A convolution into whose filters the batch norm was folded by those who exported it. */
  #pointwise(value: Value, name: string, channels: number, side: number, stride: number): Value {
    const shape = [side, side, fixedDim(value.shape, 1), channels];
    const filters = filtersFromTensorFlow(this.#weights.expect(`${name}_pointwise/weights`, shape));
    const bias = this.#weights.expect(`${name}_pointwise/convolution_bn_offset`, [channels]);
    return this.#clipped(this.#graph.add(conv(value, filters, bias, stride, 1), [value]));
  }

  #clipped(value: Value): Value {
    return this.#graph.add({ type: 'clip', min: 0, max: 6 }, [value]);
  }
}

function conv(value: Value, weights: Constant, bias: Constant | null, stride: number, groups: number): Op {
  const size = [weights.shape[2] ?? 1, weights.shape[3] ?? 1] as const;
  const padding = samePadding([fixedDim(value.shape, 2), fixedDim(value.shape, 3)], size, [stride, stride]);
  return { type: 'conv', weights, bias, strides: [stride, stride], padding, dilations: [1, 1], groups };
}

/** face-api's SSD over MobileNet v1. Misses faces that fill the picture. */
export const ssdMobilenet: Network = {
  name: 'ssd-mobilenet',
  revision: 1,
  inputs: [{ name: 'input', shape: ['batch', 3, SSD_INPUT_PX, SSD_INPUT_PX] }],
  outputs: [
    { name: 'boxes', shape: ['batch', SSD_PLACES, 4] },
    { name: 'logits', shape: ['batch', SSD_PLACES, SSD_CLASSES] },
    { name: 'priors', shape: [SSD_PLACES, 4] },
  ],
  build([manifest = new Uint8Array(), weights = new Uint8Array()]) {
    return new SsdWriter(importFaceApiWeights('ssd-mobilenet', manifest, weights)).write();
  },
};

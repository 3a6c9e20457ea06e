import type { Constant, Graph, Op, Padding } from '../../graph/graph.ts';
import { GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { unpackWeights } from '../../importers/packed-weights.ts';
import type { WeightMap } from '../../importers/weight-map.ts';
import type { Network } from '../network.ts';
import {
  type Inception,
  type Nn4Layer,
  type Nn4Variant,
  nn4Dense,
  nn4Inceptions,
  nn4Stem,
  plainLayer,
  reducedLayers,
} from './layers.ts';

/** Side of the network's input in pixels. */
export const NN4_INPUT_PX = 96;

/** Values of one encoding. */
export const NN4_DIMENSION = 128;

const NONE: Padding = [0, 0, 0, 0];

/** Torch's `SpatialCrossMapLRN(5, 0.0001, 0.75)`. */
const LRN: Op = { type: 'lrn', size: 5, alpha: 1e-4, beta: 0.75, k: 1 };

const around = (zeros: number): Padding => [zeros, zeros, zeros, zeros];
const maxPool = (padding: Padding): Op => ({ type: 'max-pool', size: [3, 3], strides: [2, 2], padding });

class Nn4Writer {
  readonly #graph: GraphBuilder;
  readonly #weights: WeightMap;
  readonly #variant: Nn4Variant;

  constructor(weights: WeightMap, variant: Nn4Variant) {
    this.#graph = new GraphBuilder(`nn4-small2-${variant}`);
    this.#weights = weights;
    this.#variant = variant;
  }

  write(): Graph {
    const { first, second, third } = nn4Stem;
    let value = this.#graph.input('input', ['batch', 3, NN4_INPUT_PX, NN4_INPUT_PX]);
    value = this.#layer(value, first, 2, 3, this.#variant === 'seed' ? 1e-3 : 1e-5);
    value = this.#graph.add(maxPool(around(1)), [value]);
    value = this.#normalised(value);
    value = this.#layer(value, second, 1, 0);
    value = this.#layer(value, third, 1, 1);
    value = this.#normalised(value);
    value = this.#graph.add(maxPool(around(1)), [value]);
    for (const module of nn4Inceptions) value = this.#inception(value, module);
    value = this.#graph.add({ type: 'average-pool', size: [3, 3], strides: [1, 1], padding: NONE }, [value]);
    value = this.#graph.add({ type: 'reshape', shape: ['batch', nn4Dense.shape[1]] }, [value]);
    const bias = this.#weights.expect(`${nn4Dense.name}_b`, [NN4_DIMENSION]);
    const weights = transposed(this.#weights.expect(`${nn4Dense.name}_w`, nn4Dense.shape));
    value = this.#graph.add({ type: 'dense', weights, bias }, [value]);
    value = this.#graph.add({ type: 'l2-normalise', axis: 1 }, [value], 'encoding');
    this.#weights.assertAllRead();
    return this.#graph.build([value]);
  }

  #normalised(value: Value): Value {
    return this.#variant === 'openface' ? this.#graph.add(LRN, [value]) : value;
  }

  #inception(input: Value, module: Inception): Value {
    const branches: Value[] = [];
    for (const [branch, padding] of [
      ['three', 1],
      ['five', 2],
    ] as const) {
      const layers = reducedLayers(module, branch);
      if (layers) branches.push(this.#layer(this.#layer(input, layers[0], 1, 0), layers[1], module.stride, padding));
    }
    branches.push(this.#poolBranch(input, module));
    const one = plainLayer(module, 'one');
    if (one) branches.push(this.#layer(input, one, 1, 0));
    return this.#graph.add({ type: 'concat', axis: 1 }, branches, module.name);
  }

  #poolBranch(input: Value, module: Inception): Value {
    const type = this.#variant === 'openface' ? 'l2-pool' : 'average-pool';
    const pool: Op =
      module.pool.kind === 'max' ? maxPool(NONE) : { type, size: [3, 3], strides: [3, 3], padding: NONE };
    let value = this.#graph.add(pool, [input]);
    const layer = plainLayer(module, 'pool');
    if (layer) value = this.#layer(value, layer, 1, 0);
    const [top, left, bottom, right] = module.pool.padding;
    return this.#graph.add({ type: 'pad', before: [0, 0, top, left], after: [0, 0, bottom, right] }, [value]);
  }

  /** Convolution, batch norm, rectifier. */
  #layer(input: Value, { conv, norm, shape }: Nn4Layer, stride: number, padding: number, epsilon = 1e-5): Value {
    const channels = [shape[0]];
    const convolved = this.#graph.add(
      {
        type: 'conv',
        weights: this.#weights.expect(`${conv}_w`, shape),
        bias: this.#weights.expect(`${conv}_b`, channels),
        strides: [stride, stride],
        padding: around(padding),
        dilations: [1, 1],
        groups: 1,
      },
      [input],
      conv,
    );
    const normed = this.#graph.batchNorm(convolved, {
      gain: this.#weights.expect(`${norm}_w`, channels),
      bias: this.#weights.expect(`${norm}_b`, channels),
      mean: this.#weights.expect(`${norm}_m`, channels),
      variance: this.#weights.expect(`${norm}_v`, channels),
      epsilon,
    });
    return this.#graph.relu(normed);
  }
}

function transposed({ name, shape, data }: Constant): Constant {
  const [rows = 1, columns = 1] = shape;
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column] ?? 0;
  return { name, shape: [columns, rows], data: turned };
}

function variantOf(variant: Nn4Variant): Network {
  return {
    name: `nn4-small2-${variant}`,
    revision: 1,
    inputs: [{ name: 'input', shape: ['batch', 3, NN4_INPUT_PX, NN4_INPUT_PX] }],
    outputs: [{ name: 'encoding', shape: ['batch', NN4_DIMENSION] }],
    build([packed = new Uint8Array()]) {
      return new Nn4Writer(unpackWeights('nn4.small2', packed), variant).write();
    },
  };
}

/**
 * FaceNet's small sibling of OpenFace, 96 × 96 pixels to 128 values of unit length. `openface` is what the weights were
 * trained with (CMU's `nn4.small2`); `seed` is what the seed project runs them with: no LRN, average pools in place of
 * L2 pools, another epsilon in the first batch norm. The one file that both are built over is packed by
 * `importers/packed-weights.ts`.
 */
export const nn4Small2: Readonly<Record<Nn4Variant, Network>> = {
  openface: variantOf('openface'),
  seed: variantOf('seed'),
};

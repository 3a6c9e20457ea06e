import type { Shape } from './shape.ts';

/** Weights that are part of a graph, row-major. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A pair along height and width. */
export type Pair = readonly [height: number, width: number];

/** Zeros added around a picture. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** Window of a pooling or convolution. */
export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/**
 * Everything a network can be made of. Semantics are those of inference on `[batch, channels, height, width]` tensors;
 * each compiler translates every member (the type checker finds the one that it forgot).
 */
export type Op =
  /** Weights `[out, in / groups, height, width]`; `groups === in` is a depthwise convolution. */
  | {
      readonly type: 'conv';
      readonly weights: Constant;
      readonly bias: Constant | null;
      readonly strides: Pair;
      readonly padding: Padding;
      readonly dilations: Pair;
      readonly groups: number;
    }
  /** `x · weights + bias` with weights `[in, out]`. */
  | { readonly type: 'dense'; readonly weights: Constant; readonly bias: Constant | null }
  /** `x * scale + shift` per channel (axis 1): what batch norm is at inference. */
  | { readonly type: 'affine'; readonly scale: Constant; readonly shift: Constant }
  | { readonly type: 'constant'; readonly value: Constant }
  | { readonly type: 'relu' | 'sigmoid' | 'tanh' }
  | { readonly type: 'leaky-relu'; readonly alpha: number }
  /** `max(0, x) + slope * min(0, x)` with one slope per channel. */
  | { readonly type: 'prelu'; readonly slope: Constant }
  | { readonly type: 'clip'; readonly min: number; readonly max: number }
  | { readonly type: 'softmax'; readonly axis: number }
  /** Padding never wins a maximum and is not counted in an average. `l2-pool` is the root of the sum of squares. */
  | ({ readonly type: 'max-pool' | 'average-pool' | 'l2-pool' } & Window)
  /** Local response normalisation over `size` channels; `alpha` is divided by `size` as Torch and ONNX do. */
  | { readonly type: 'lrn'; readonly size: number; readonly alpha: number; readonly beta: number; readonly k: number }
  | { readonly type: 'mean'; readonly axes: readonly number[]; readonly keepDims: boolean }
  /** Zeros before and after each axis. */
  | { readonly type: 'pad'; readonly before: readonly number[]; readonly after: readonly number[] }
  | { readonly type: 'reshape'; readonly shape: Shape }
  | { readonly type: 'transpose'; readonly order: readonly number[] }
  | { readonly type: 'concat'; readonly axis: number }
  /** Two inputs; dimensions of 1 are repeated, missing outer ones too. */
  | { readonly type: 'add' | 'sub' | 'mul' | 'div' }
  /** Divides by the Euclidean length along `axis`. */
  | { readonly type: 'l2-normalise'; readonly axis: number }
  /** Enlarges height and width by a whole factor. */
  | { readonly type: 'upsample'; readonly factor: number; readonly mode: 'nearest' | 'bilinear' };

/** Name of an operation. */
export type OpType = Op['type'];

/** One step of a graph. Its result is known by `id`. */
export interface GraphNode {
  readonly id: string;
  readonly op: Op;
  /** Ids of graph inputs or of earlier nodes. */
  readonly inputs: readonly string[];
  readonly shape: Shape;
}

/** A named tensor that goes into or comes out of a network. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** A network: nodes in an order in which they can be computed. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly nodes: readonly GraphNode[];
  /** `name` is the id of the node whose result it is. */
  readonly outputs: readonly TensorSpec[];
}

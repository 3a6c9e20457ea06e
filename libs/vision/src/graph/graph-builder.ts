import { LatchkeyError } from '@latchkey/domain';
import type { Constant, Graph, GraphNode, Op, TensorSpec } from './graph.ts';
import { inferShape } from './infer-shape.ts';
import { formatShape, type Shape, sizeOf } from './shape.ts';

/** Handle of a tensor inside a graph that is being built. */
export interface Value {
  readonly id: string;
  readonly shape: Shape;
}

/** Parameters of a batch norm, each `[channels]`. */
export interface BatchNorm {
  readonly gain: Constant;
  readonly bias: Constant;
  readonly mean: Constant;
  readonly variance: Constant;
  readonly epsilon: number;
}

/** More values than a picture of any size leads to in any network here: 1 GB in single precision. */
const MOST_VALUES = 2 ** 28;

/** Writes a graph step by step; every step's shape is checked when it is added. */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: TensorSpec[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #ids = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input of the network. */
  input(name: string, shape: Shape): Value {
    this.#claim(name);
    this.#inputs.push({ name, shape });
    return { id: name, shape };
  }

  /**
   * Adds one operation.
   * @param id unique name of its result; generated when absent.
   * @throws LatchkeyError `shape-mismatch` when the operation does not take these inputs, or makes nothing or far too much
   * of them.
   */
  add(op: Op, inputs: readonly Value[], id = `${op.type}_${this.#nodes.length}`): Value {
    this.#claim(id);
    const shape = inferShape(
      op,
      inputs.map((input) => input.shape),
    );
    assertSize(op, shape);
    this.#nodes.push({ id, op, inputs: inputs.map((input) => input.id), shape });
    return { id, shape };
  }

  /** Rectifier: negative values become 0. */
  relu(input: Value): Value {
    return this.add({ type: 'relu' }, [input]);
  }

  /**
   * Batch norm at inference, as the affine operation that it is.
   * @param id as {@link add} takes it.
   */
  batchNorm(input: Value, norm: BatchNorm, id?: string): Value {
    if (norm.variance.data.some((variance) => !(variance + norm.epsilon > 0))) {
      throw new LatchkeyError('model-corrupt', `"${norm.variance.name}" has a negative variance.`);
    }
    const factor = norm.gain.data.map((gain, i) => gain / Math.sqrt((norm.variance.data[i] ?? 0) + norm.epsilon));
    const shift = norm.bias.data.map((bias, i) => bias - (norm.mean.data[i] ?? 0) * (factor[i] ?? 0));
    return this.add(
      {
        type: 'affine',
        scale: { ...norm.gain, data: factor },
        shift: { ...norm.bias, data: shift },
      },
      [input],
      id,
    );
  }

  /** The finished graph. `outputs` maps the names of the network's outputs to values. */
  build(outputs: readonly Value[]): Graph {
    return {
      name: this.#name,
      inputs: this.#inputs,
      nodes: this.#nodes,
      outputs: outputs.map((output) => ({ name: output.id, shape: output.shape })),
    };
  }

  #claim(id: string): void {
    if (this.#ids.has(id)) {
      throw new LatchkeyError('invalid-input', `Graph "${this.#name}" has two values named "${id}".`);
    }
    this.#ids.add(id);
  }
}

function assertSize(op: Op, shape: Shape): void {
  const possible = shape.every((dim) => dim === 'batch' || (Number.isSafeInteger(dim) && dim >= 1));
  if (possible && sizeOf(shape) <= MOST_VALUES) return;
  throw new LatchkeyError(
    'shape-mismatch',
    `${op.type}: the result would have the shape ${formatShape(shape)}; each dimension is at least 1, all values together at most ${MOST_VALUES}.`,
  );
}

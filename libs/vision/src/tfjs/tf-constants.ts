import type * as tfjs from '@tensorflow/tfjs-core';
import type { TfRuntime } from './tfjs-value.ts';

/** The weights of one program in the backend's memory. */
export class TfConstants {
  readonly #tf: TfRuntime;
  readonly #tensors: tfjs.Tensor[] = [];

  constructor(tf: TfRuntime) {
    this.#tf = tf;
  }

  /** A tensor of one dimension. */
  vector(data: Float32Array): tfjs.Tensor1D {
    return this.#owned(this.#tf.tensor1d(data));
  }

  /** A tensor of two dimensions. */
  matrix(data: Float32Array, shape: [number, number]): tfjs.Tensor2D {
    return this.#owned(this.#tf.tensor2d(data, shape));
  }

  /** A tensor of four dimensions, in the order in which the backend is to see them. */
  picture(data: Float32Array, shape: [number, number, number, number]): tfjs.Tensor4D {
    return this.#owned(this.#tf.tensor4d(data, shape));
  }

  /** A tensor of any shape. */
  tensor(data: Float32Array, shape: readonly number[]): tfjs.Tensor {
    return this.#owned(this.#tf.tensor(data, [...shape]));
  }

  /** Gives the memory back; may be called twice. */
  dispose(): void {
    for (const tensor of this.#tensors.splice(0)) tensor.dispose();
  }

  #owned<Kind extends tfjs.Tensor>(tensor: Kind): Kind {
    this.#tensors.push(this.#tf.keep(tensor));
    return tensor;
  }
}

import type * as tfjs from '@tensorflow/tfjs-core';

/** The operations of TensorFlow.js, whichever backend computes them. The engines load it; compilers only use it. */
export type TfRuntime = typeof tfjs;

/**
 * A tensor of a network as it lies in memory. Descriptions are channels first; TensorFlow's kernels want pictures with
 * channels last, so a tensor of four dimensions stays in that order until somebody needs the other one.
 */
export interface TfValue {
  readonly tensor: tfjs.Tensor;
  /** Whether the memory holds `[batch, height, width, channels]` of what is `[batch, channels, height, width]`. */
  readonly channelsLast: boolean;
}

/** Where axis 0 … 3 of a picture lies when channels come last. */
export const CHANNELS_LAST_AXIS = [0, 3, 1, 2] as const;

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

/** The tensor with channels last. Everything that has not four dimensions stays as it is. */
export function channelsLast(tf: TfRuntime, { tensor, channelsLast: last }: TfValue): tfjs.Tensor {
  if (last || tensor.rank !== 4) return tensor;
  const [batch = 1, channels = 1, height = 1, width = 1] = tensor.shape;
  const sameOrder = channels === 1 || height * width === 1;
  return sameOrder ? tf.reshape(tensor, [batch, height, width, channels]) : tf.transpose(tensor, TO_LAST);
}

/** The same as {@link channelsLast} for what is known to be a picture. */
export function picture(tf: TfRuntime, value: TfValue): tfjs.Tensor4D {
  const tensor = channelsLast(tf, value);
  const [batch = 1, height = 1, width = 1, channels = 1] = tensor.shape;
  return tf.reshape(tensor, [batch, height, width, channels]);
}

/** The tensor in the order of the description. */
export function channelsFirst(tf: TfRuntime, { tensor, channelsLast: last }: TfValue): tfjs.Tensor {
  if (!last) return tensor;
  const [batch = 1, height = 1, width = 1, channels = 1] = tensor.shape;
  const sameOrder = channels === 1 || height * width === 1;
  return sameOrder ? tf.reshape(tensor, [batch, channels, height, width]) : tf.transpose(tensor, TO_FIRST);
}

/** A tensor in the order of the description. */
export const first = (tensor: tfjs.Tensor): TfValue => ({ tensor, channelsLast: false });

/** A picture with channels last. */
export const last = (tensor: tfjs.Tensor): TfValue => ({ tensor, channelsLast: true });

import type { Padding, Pair } from './graph.ts';

/**
 * Zeros that TensorFlow's `SAME` adds: the output has `ceil(input / stride)` rows and columns, and an odd remainder goes
 * to the bottom and right (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
 */
export function samePadding(input: Pair, window: Pair, strides: Pair, dilations: Pair = [1, 1]): Padding {
  const total = (axis: 0 | 1): number => {
    const effective = (window[axis] - 1) * dilations[axis] + 1;
    return Math.max((Math.ceil(input[axis] / strides[axis]) - 1) * strides[axis] + effective - input[axis], 0);
  };
  const [vertical, horizontal] = [total(0), total(1)];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, left, vertical - top, horizontal - left];
}

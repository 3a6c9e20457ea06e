import { LatchkeyError } from '@latchkey/domain';
import type { Constant } from '../graph/graph.ts';
import { formatShape } from '../graph/shape.ts';

/**
 * TensorFlow's `[height, width, in, out]` filters as ours, `[out, in, height, width]`.
 * @throws LatchkeyError `model-corrupt` for weights that have not four dimensions.
 */
export function filtersFromTensorFlow(weights: Constant): Constant {
  assertFilters(weights);
  const [height = 1, width = 1, into = 1, out = 1] = weights.shape;
  const data = new Float32Array(weights.data.length);
  let source = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < into; i++) {
        for (let o = 0; o < out; o++) {
          data[((o * into + i) * height + y) * width + x] = weights.data[source++] ?? 0;
        }
      }
    }
  }
  return { name: weights.name, shape: [out, into, height, width], data };
}

/**
 * TensorFlow's depthwise `[height, width, in, multiplier]` filters as ours with one group per input channel.
 * @throws LatchkeyError `model-corrupt` for weights that have not four dimensions.
 */
export function depthwiseFromTensorFlow(weights: Constant): Constant {
  assertFilters(weights);
  const [height = 1, width = 1, into = 1, multiplier = 1] = weights.shape;
  // Output channel in * multiplier + m is what remains of a plain filter of `in` inputs and `multiplier` outputs.
  const data = new Float32Array(weights.data.length);
  let source = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < into * multiplier; channel++) {
        data[(channel * height + y) * width + x] = weights.data[source++] ?? 0;
      }
    }
  }
  return { name: weights.name, shape: [into * multiplier, 1, height, width], data };
}

function assertFilters({ name, shape }: Constant): void {
  if (shape.length === 4) return;
  throw new LatchkeyError(
    'model-corrupt',
    `Filters "${name}" have the shape ${formatShape(shape)}, expected four dimensions.`,
  );
}

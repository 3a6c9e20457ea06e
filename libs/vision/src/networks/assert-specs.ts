import { LatchkeyError } from '@latchkey/domain';
import type { TensorSpec } from '../graph/graph.ts';
import { formatShape } from '../graph/shape.ts';

/** @throws LatchkeyError `model-corrupt` that names both when files describe another network than the one that is wanted. */
export function assertSpecs(
  what: 'inputs' | 'outputs',
  found: readonly TensorSpec[],
  expected: readonly TensorSpec[],
): void {
  const listed = (specs: readonly TensorSpec[]): string =>
    specs.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ');
  if (listed(found) === listed(expected)) return;
  throw new LatchkeyError('model-corrupt', `it has the ${what} ${listed(found)}, expected ${listed(expected)}.`);
}

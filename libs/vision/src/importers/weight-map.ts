import { LatchkeyError } from '@latchkey/domain';
import type { Constant } from '../graph/graph.ts';
import { formatShape } from '../graph/shape.ts';
import { namingSource } from './naming-source.ts';
import { byteLengthOf, decodeWeights, type WeightEntry } from './weight-dtype.ts';

/** Named weights of one model file, handed out with their shapes checked. */
export class WeightMap {
  readonly #source: string;
  readonly #weights: ReadonlyMap<string, Constant>;
  readonly #unread: Set<string>;

  /** @param source what error messages call the model. */
  constructor(source: string, weights: Iterable<Constant>) {
    this.#source = source;
    this.#weights = new Map([...weights].map((weight) => [weight.name, weight]));
    this.#unread = new Set(this.#weights.keys());
  }

  /** Whether there is a weight of this name. */
  has(name: string): boolean {
    return this.#weights.has(name);
  }

  /** @throws LatchkeyError `model-corrupt` when there is no such weight. */
  get(name: string): Constant {
    const weight = this.#weights.get(name);
    if (!weight) {
      throw new LatchkeyError(
        'model-corrupt',
        `${this.#source} has no weight "${name}": it is another model's file. Reinstall the package it came with.`,
      );
    }
    this.#unread.delete(name);
    return weight;
  }

  /** The weight of this name and shape. @throws LatchkeyError `model-corrupt` that names both shapes when they differ. */
  expect(name: string, shape: readonly number[]): Constant {
    const weight = this.get(name);
    if (weight.shape.length !== shape.length || weight.shape.some((dim, i) => dim !== shape[i])) {
      throw new LatchkeyError(
        'model-corrupt',
        `Weight "${name}" of ${this.#source} has shape ${formatShape(weight.shape)}, expected ${formatShape(shape)}.`,
      );
    }
    return weight;
  }

  /** @throws LatchkeyError `model-corrupt` when weights were never asked for: the file belongs to a larger network. */
  assertAllRead(): void {
    if (this.#unread.size > 0) {
      const names = [...this.#unread].slice(0, 3).join(', ');
      throw new LatchkeyError(
        'model-corrupt',
        `${this.#source} has ${this.#unread.size} weights that this network does not use (${names} …): wrong model file.`,
      );
    }
  }
}

/**
 * Cuts a tfjs weight file into its tensors.
 * @throws LatchkeyError `model-corrupt` when the file has not exactly the length that its manifest asks for.
 */
export function splitWeights(source: string, entries: readonly WeightEntry[], bytes: Uint8Array): WeightMap {
  const expected = entries.reduce((total, entry) => total + byteLengthOf(entry), 0);
  if (bytes.byteLength !== expected) {
    throw new LatchkeyError(
      'model-corrupt',
      `${source} has ${bytes.byteLength} bytes of weights, its manifest asks for ${expected}: truncated or of another model.`,
    );
  }
  let offset = 0;
  const weights: Constant[] = [];
  for (const entry of entries) {
    const end = offset + byteLengthOf(entry);
    const part = bytes.subarray(offset, end);
    const data = namingSource(source, () => decodeWeights(entry, part));
    weights.push({ name: entry.name, shape: entry.shape, data });
    offset = end;
  }
  return new WeightMap(source, weights);
}

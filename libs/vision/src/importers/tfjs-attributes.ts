import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

const integer = z.coerce.number().int();

const attributeValue = z.object({
  s: z.string().optional(),
  i: integer.optional(),
  f: z.coerce.number().optional(),
  b: z.boolean().optional(),
  type: z.union([z.string(), z.number()]).optional(),
  shape: z.object({ dim: z.array(z.object({ size: integer })).optional() }).optional(),
  list: z
    .object({ i: z.array(integer).optional(), s: z.array(z.string()).optional(), f: z.array(z.number()).optional() })
    .optional(),
});

/** One node of a tfjs graph model (TensorFlow's NodeDef as JSON). */
export const tfjsNode = z.object({
  name: z.string().min(1),
  op: z.string().min(1),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeValue).default({}),
});

/** Parsed {@link tfjsNode}. */
export type TfjsNode = z.infer<typeof tfjsNode>;

/** @returns the text that tfjs keeps base64-encoded, e.g. `SAME`. */
export function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** Attributes of one node, read with the types that its operation wants. */
export class TfjsAttributes {
  readonly #node: TfjsNode;

  constructor(node: TfjsNode) {
    this.#node = node;
  }

  /** Text, or `fallback` when the attribute is absent. */
  text(name: string, fallback: string): string {
    const value = this.#node.attr[name]?.s;
    return value === undefined ? fallback : decodeText(value);
  }

  /** List of texts; empty when absent. */
  texts(name: string): string[] {
    return (this.#node.attr[name]?.list?.s ?? []).map(decodeText);
  }

  /** List of integers; empty when absent. */
  integers(name: string): number[] {
    return this.#node.attr[name]?.list?.i ?? [];
  }

  /** Number, or `fallback` when absent. */
  number(name: string, fallback: number): number {
    const value = this.#node.attr[name];
    return value?.f ?? value?.i ?? fallback;
  }

  /** Truth value; false when absent. */
  flag(name: string): boolean {
    return this.#node.attr[name]?.b ?? false;
  }

  /** Dimensions of a placeholder; −1 for the unknown. */
  shape(name: string): number[] {
    return (this.#node.attr[name]?.shape?.dim ?? []).map((dim) => dim.size);
  }

  /** Height and width of an NHWC list of four. @throws LatchkeyError `model-corrupt` for other layouts. */
  spatial(name: string, fallback?: readonly [number, number]): [number, number] {
    const list = this.integers(name);
    if (list.length === 0 && fallback) return [...fallback];
    const [batch, height, width, channels] = list;
    if (list.length !== 4 || batch !== 1 || channels !== 1 || height === undefined || width === undefined) {
      throw new LatchkeyError(
        'model-corrupt',
        `"${name}" of ${this.#node.op} "${this.#node.name}" is [${list.join(', ')}], which this importer cannot read.`,
      );
    }
    return [height, width];
  }
}

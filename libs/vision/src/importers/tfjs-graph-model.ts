import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import type { Graph } from '../graph/graph.ts';
import { GraphBuilder, type Value } from '../graph/graph-builder.ts';
import { namingSource } from './naming-source.ts';
import { parseModelJson } from './parse-model-json.ts';
import { type TfjsNode, tfjsNode } from './tfjs-attributes.ts';
import { type TfjsTensor, TfjsTranslator } from './tfjs-translator.ts';
import { weightEntry } from './weight-dtype.ts';
import { splitWeights } from './weight-map.ts';

const modelJson = z.object({
  format: z.literal('graph-model'),
  modelTopology: z.object({ node: z.array(tfjsNode).min(1) }),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightEntry) })).min(1),
});

const nameOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

function inOrder(source: string, nodes: readonly TfjsNode[]): TfjsNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const state = new Map<string, 'open' | 'done'>();
  const ordered: TfjsNode[] = [];
  const visit = (name: string): void => {
    const node = byName.get(name);
    if (!node || state.get(name) === 'open') {
      throw new LatchkeyError('model-corrupt', `${source}: node "${name}" is ${node ? 'part of a cycle' : 'missing'}.`);
    }
    if (state.get(name) === 'done') return;
    state.set(name, 'open');
    node.input.forEach((input) => {
      visit(nameOf(input));
    });
    state.set(name, 'done');
    ordered.push(node);
  };
  for (const node of nodes) visit(node.name);
  return ordered;
}

/**
 * Reads a tfjs graph model (`model.json` and its one weight file) into a network description. Pictures become
 * `[batch, channels, height, width]`; other tensors keep TensorFlow's order. `outputs` names the nodes whose values the
 * network gives, in that order.
 * @param source what error messages call the model.
 * @throws LatchkeyError `model-corrupt` for damaged files and for operations that are not understood.
 */
export function importTfjsGraphModel(
  source: string,
  jsonBytes: Uint8Array,
  weightBytes: Uint8Array,
  outputs: readonly string[],
): Graph {
  return namingSource(source, () => describeModel(source, jsonBytes, weightBytes, outputs));
}

function describeModel(
  source: string,
  jsonBytes: Uint8Array,
  weightBytes: Uint8Array,
  outputs: readonly string[],
): Graph {
  const model = parseModelJson(source, jsonBytes, modelJson);
  const entries = model.weightsManifest.flatMap((group) => group.weights);
  const weights = splitWeights(source, entries, weightBytes);
  const builder = new GraphBuilder(source);
  const translator = new TfjsTranslator(builder);
  const tensors = new Map<string, TfjsTensor>();
  for (const node of inOrder(source, model.modelTopology.node)) {
    const inputs = node.input.filter((input) => !input.startsWith('^')).map((input) => tensors.get(nameOf(input)));
    const known = inputs.filter((input) => input !== undefined);
    tensors.set(
      node.name,
      node.op === 'Const' ? { kind: 'constant', constant: weights.get(node.name) } : translator.translate(node, known),
    );
  }
  const values = outputs.map((name): Value => {
    const tensor = tensors.get(name);
    if (tensor?.kind !== 'value') throw new LatchkeyError('model-corrupt', `${source} has no output "${name}".`);
    return tensor.value;
  });
  return builder.build(values);
}

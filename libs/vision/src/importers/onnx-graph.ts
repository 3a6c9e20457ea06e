import { LatchkeyError } from '@latchkey/domain';
import type { Graph, TensorSpec } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { readFields } from '../onnx/protobuf-reader.ts';
import { namingSource } from './naming-source.ts';
import { OnnxNode } from './onnx-node.ts';
import { readOnnxTensor } from './onnx-tensor.ts';
import { type OnnxTensor, OnnxTranslator } from './onnx-translator.ts';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;

/**
 * Reads an ONNX file into a network description, so that engines other than ONNX Runtime can run it too.
 * @param source what error messages call the model.
 * @param inputs,outputs with the names that the file has; inputs have the shapes that it is to be run with.
 * @throws LatchkeyError `model-corrupt` for a damaged file, another model, and operators that are not understood.
 */
export function importOnnxGraph(
  source: string,
  bytes: Uint8Array,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Graph {
  return namingSource(source, () => {
    const graph = readFields(bytes).find(({ number }) => number === MODEL.graph);
    if (!graph) throw new LatchkeyError('model-corrupt', `${source} is no ONNX file; get it again.`);
    const fields = readFields(graph.payload);
    const builder = new GraphBuilder(source);
    const tensors = new Map<string, OnnxTensor>();
    for (const field of fields.filter(({ number }) => number === GRAPH.initializer)) {
      const constant = readOnnxTensor(field.payload);
      tensors.set(constant.name, { kind: 'constant', constant });
    }
    for (const { name, shape } of inputs) tensors.set(name, { kind: 'value', value: builder.input(name, shape) });
    const translator = new OnnxTranslator(builder);
    const nodes = fields.filter(({ number }) => number === GRAPH.node).map((field) => new OnnxNode(field.payload));
    for (const node of nodes) {
      const known = node.inputs.map((name) => {
        const tensor = tensors.get(name);
        if (name !== '' && !tensor) throw node.refuse(`an input "${name}" that nothing gives`);
        return tensor;
      });
      tensors.set(node.outputs[0] ?? '', translator.translate(node, known));
    }
    const values = outputs.map(({ name }) => {
      const tensor = tensors.get(name);
      if (tensor?.kind !== 'value') throw new LatchkeyError('model-corrupt', `${source} has no output "${name}".`);
      return tensor.value;
    });
    return builder.build(values);
  });
}

import { LatchkeyError } from '@latchkey/domain';
import { allFinite } from '../graph/all-finite.ts';
import type { TensorSpec } from '../graph/graph.ts';
import { formatShape, matchesShape } from '../graph/shape.ts';
import type { LoadableNetwork, NetworkSession, Tensor } from './inference-engine.ts';

function checkInputs(name: string, specs: readonly TensorSpec[], inputs: readonly Tensor[]): void {
  if (inputs.length !== specs.length) {
    throw new LatchkeyError('shape-mismatch', `${name} takes ${specs.length} inputs, got ${inputs.length}.`);
  }
  specs.forEach((spec, i) => {
    const { shape = [], data } = inputs[i] ?? {};
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (!matchesShape(shape, spec.shape) || data?.length !== size) {
      throw new LatchkeyError(
        'shape-mismatch',
        `Input "${spec.name}" of ${name} has shape ${formatShape(shape)} with ${data?.length} values, expected ${formatShape(spec.shape)}.`,
      );
    }
    // A rectifier makes 0 of NaN: what comes out could look like an encoding.
    if (!allFinite(data)) {
      throw new LatchkeyError('not-a-number', `Input "${spec.name}" of ${name} holds a value that is not finite.`);
    }
  });
}

function checkOutputs(name: string, specs: readonly TensorSpec[], outputs: readonly Tensor[]): void {
  specs.forEach((spec, i) => {
    const { shape = [], data = new Float32Array() } = outputs[i] ?? {};
    if (!matchesShape(shape, spec.shape)) {
      throw new LatchkeyError(
        'shape-mismatch',
        `Output "${spec.name}" of ${name} has shape ${formatShape(shape)}, expected ${formatShape(spec.shape)}: the model is another one.`,
      );
    }
    if (!allFinite(data)) {
      throw new LatchkeyError('not-a-number', `Output "${spec.name}" of ${name} holds a value that is not finite.`);
    }
  });
}

/** A session that checks what goes in and what comes out; every engine wraps its own in one. */
export function checkedSession(network: LoadableNetwork, session: NetworkSession): NetworkSession {
  let disposed = false;
  const running = new Set<Promise<unknown>>();
  return {
    async run(inputs) {
      if (disposed) throw new LatchkeyError('engine-unavailable', `The session of ${network.name} was disposed of.`);
      checkInputs(network.name, network.inputs, inputs);
      const run = session.run(inputs);
      running.add(run);
      const outputs = await run.finally(() => running.delete(run));
      checkOutputs(network.name, network.outputs, outputs);
      return outputs;
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      // Memory that a run still computes with is not given back.
      await Promise.allSettled(running);
      await session.dispose();
    },
  };
}

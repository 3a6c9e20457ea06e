import type { LoadableNetwork } from '../../engines/inference-engine.ts';
import { packWeights } from '../../importers/packed-weights.ts';
import { compileOnnx } from '../../onnx/compile-onnx.ts';
import { mulberry32 } from '../../reference/mulberry32.ts';
import type { Nn4Variant } from './layers.ts';
import { nn4Small2 } from './network.ts';
import { nn4CsvFiles } from './weight-files.ts';

/** Numbers −1 … 1 that look like chance and are the same in every run. */
export function inventedNumbers(seed: number): () => number {
  const random = mulberry32(seed);
  return () => 2 * random() - 1;
}

/**
 * `nn4.small2` with made-up weights, for comparisons and measurements where nobody has the trained ones: they let signals
 * through as those do (He's range for filters, variances around one) and cost the same time. Its encodings mean nothing.
 */
export function inventedNn4(variant: Nn4Variant): LoadableNetwork {
  const network = nn4Small2[variant];
  const graph = network.build([packedWeights()]);
  return { ...network, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

function packedWeights(): Uint8Array {
  const next = inventedNumbers(4);
  return packWeights(
    nn4CsvFiles
      .filter((file) => file.used)
      .map(({ name, shape }) => {
        const size = shape.reduce((product, dim) => product * dim, 1);
        const fanIn = size / (shape[0] ?? 1);
        const range = shape.length > 1 ? Math.sqrt(6 / fanIn) : 0.1;
        const centre = /bn\d?_[wv]$/.test(name) ? 1 : 0;
        return { name, shape, data: Float32Array.from({ length: size }, () => centre + range * next()) };
      }),
  );
}

import type { LoadableNetwork } from '../engines/inference-engine.ts';
import type { Graph } from '../graph/graph.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { readModelFile } from '../models/model-files.ts';
import { findModel, type ModelEntry } from '../models/model-manifest.ts';
import { compileOnnx, ONNX_COMPILER_VERSION } from '../onnx/compile-onnx.ts';
import type { Network } from './network.ts';

/**
 * A network as engines take it: its description over the checked weight files, or its ONNX bytes out of the cache.
 * @param onProgress told when a network is compiled, which takes seconds and happens once.
 */
export function loadable(
  network: Network,
  models: readonly ModelEntry[],
  cache: CompiledCache,
  onProgress: (line: string) => void,
): LoadableNetwork {
  const graph = async (): Promise<Graph> => {
    const entry = findModel(models, network.name);
    return network.build(await Promise.all(entry.files.map((file) => readModelFile(file))));
  };
  return {
    name: network.name,
    inputs: network.inputs,
    outputs: network.outputs,
    graph,
    async onnx() {
      const hashes = findModel(models, network.name).files.map((file) => file.sha256);
      const versions = [`compiler ${ONNX_COMPILER_VERSION}`, `network ${network.revision}`];
      const { bytes } = await cache.get(network.name, [...versions, ...hashes], async () => {
        onProgress(`compiling ${network.name} from ${findModel(models, network.name).source} (once)`);
        return compileOnnx(await graph());
      });
      return bytes;
    },
  };
}

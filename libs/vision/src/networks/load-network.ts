import type { LoadableNetwork } from '../engines/inference-engine.ts';
import type { Graph } from '../graph/graph.ts';
import { namingSource } from '../importers/naming-source.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { readBundledFile } from '../models/model-files.ts';
import { findModel, type ModelEntry } from '../models/model-manifest.ts';
import { compileOnnx, ONNX_COMPILER_VERSION } from '../onnx/compile-onnx.ts';
import { assertSpecs } from './assert-specs.ts';
import type { Network } from './network.ts';

/** Where a network's weights come from. */
interface WeightSource {
  /** For people: the files that are compiled. */
  readonly description: string;
  /** Everything that the weights depend on: part of the cache key. */
  key(): Promise<readonly string[]>;
  /** The files that {@link Network.build} takes. */
  files(): Promise<readonly Uint8Array[]>;
}

/**
 * A network of `weights/manifest.json` as engines take it: its description over the checked weight files, or its ONNX
 * bytes out of the cache.
 * @param onProgress told when a network is compiled, which takes seconds and happens once.
 */
export function loadable(
  network: Network,
  models: readonly ModelEntry[],
  cache: CompiledCache,
  onProgress: (line: string) => void,
): LoadableNetwork {
  const { files } = findModel(models, network.name);
  return loadableFrom(network, cache, onProgress, {
    description: files.map((file) => `${file.package}/${file.path}`).join(' and '),
    key: async () => files.map((file) => file.sha256),
    files: () => Promise.all(files.map((file) => readBundledFile(file, cache.folder))),
  });
}

/** The same over weights from anywhere. */
export function loadableFrom(
  network: Network,
  cache: CompiledCache,
  onProgress: (line: string) => void,
  weights: WeightSource,
): LoadableNetwork {
  const graph = async (): Promise<Graph> => {
    const files = await weights.files();
    return namingSource(weights.description, () => {
      const built = network.build(files);
      assertSpecs('inputs', built.inputs, network.inputs);
      assertSpecs('outputs', built.outputs, network.outputs);
      return built;
    });
  };
  return {
    name: network.name,
    inputs: network.inputs,
    outputs: network.outputs,
    graph,
    async onnx() {
      const versions = [`compiler ${ONNX_COMPILER_VERSION}`, `network ${network.revision}`];
      const { bytes } = await cache.get(network.name, [...versions, ...(await weights.key())], async () => {
        onProgress(`compiling ${network.name} from ${weights.description} (once)`);
        return compileOnnx(await graph());
      });
      return bytes;
    },
  };
}

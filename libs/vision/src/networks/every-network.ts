import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadableNetwork } from '../engines/inference-engine.ts';
import { importTfjsGraphModel } from '../importers/tfjs-graph-model.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { inventedNn4 } from './nn4-small2/invented-weights.ts';
import { packagedNetworks } from './packaged-networks.ts';
import { readyNetworks } from './ready-networks.ts';

/** Graph models of `@vladmandic/human` and the nodes that they are run for. */
const graphModels: readonly (readonly [name: string, outputs: readonly string[]])[] = [
  ['facemesh', ['Identity_2', 'Identity_1', 'Identity']],
];

/**
 * Every network that can be had here, for comparisons and measurements: those of Latchkey's packages, `nn4.small2` with made-up
 * weights (its trained ones come with no package), and the ONNX files of a folder.
 * @param readyFolder as {@link readyNetworks} takes it.
 */
export async function everyNetwork(
  cache: CompiledCache,
  readyFolder: string | undefined,
): Promise<readonly LoadableNetwork[]> {
  const packaged = await packagedNetworks(cache, () => undefined);
  const others = graphModels.filter(([name]) => packaged.every((network) => network.name !== name));
  return [
    ...packaged,
    inventedNn4('openface'),
    inventedNn4('seed'),
    ...(await Promise.all(others.map(([name, outputs]) => graphModel(name, outputs)))),
    ...(await readyNetworks(readyFolder)),
  ];
}

async function graphModel(name: string, outputs: readonly string[]): Promise<LoadableNetwork> {
  const folder = join(packageFolder('@vladmandic/human'), 'models');
  const [json, weights] = [await readFile(join(folder, `${name}.json`)), await readFile(join(folder, `${name}.bin`))];
  const graph = importTfjsGraphModel(name, json, weights, outputs);
  return { ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

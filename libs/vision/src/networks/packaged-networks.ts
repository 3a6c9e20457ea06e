import type { LoadableNetwork } from '../engines/inference-engine.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { readModelManifest } from '../models/model-manifest.ts';
import { antispoof } from './antispoof/network.ts';
import { blazeface } from './blazeface/network.ts';
import { dlibResnet34 } from './dlib-resnet34/network.ts';
import { landmarks68 } from './landmarks68/network.ts';
import { liveness } from './liveness/network.ts';
import { loadable } from './load-network.ts';
import { ssdMobilenet } from './ssd-mobilenet/network.ts';
import { tinyFace } from './tiny-face/network.ts';

/** Every network whose weights come with Latchkey's packages, for comparisons and measurements. */
export async function packagedNetworks(
  cache: CompiledCache,
  onProgress: (line: string) => void,
): Promise<readonly LoadableNetwork[]> {
  const models = await readModelManifest();
  return [blazeface, landmarks68, dlibResnet34, tinyFace, ssdMobilenet, antispoof, liveness].map((network) =>
    loadable(network, models, cache, onProgress),
  );
}

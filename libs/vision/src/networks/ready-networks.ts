import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { YUNET_INPUT_PX } from '../detect/yunet-scan.ts';
import type { LoadableNetwork } from '../engines/inference-engine.ts';
import { matching } from '../models/file-content.ts';
import { expectedContents } from '../models/model-files.ts';
import { readOptionalModels } from '../models/model-manifest.ts';
import { fivePointNetworks } from './five-point/network.ts';
import { type ReadyNetwork, readyOnnx } from './ready-onnx.ts';
import { yunet } from './yunet/network.ts';

const described: Readonly<Record<string, ReadyNetwork>> = {
  yunet: yunet(YUNET_INPUT_PX, YUNET_INPUT_PX),
  ...fivePointNetworks,
};

/**
 * The networks whose ONNX files lie in a folder, whatever they are called there: those that `weights/manifest.json` knows by
 * length and SHA-256, variants included, in its order. For comparisons and measurements.
 * @param folder without it, or where it is not there: none.
 */
export async function readyNetworks(folder: string | undefined): Promise<readonly LoadableNetwork[]> {
  const names = folder === undefined ? [] : await readdir(folder).catch((): string[] => []);
  const files: { readonly content: { readonly bytes: number; readonly sha256: string }; readonly data: Uint8Array }[] =
    [];
  for (const name of names.filter((candidate) => candidate.endsWith('.onnx'))) {
    const data = await readFile(join(folder ?? '', name));
    const sha256 = createHash('sha256').update(data).digest('hex');
    files.push({ content: { bytes: data.byteLength, sha256 }, data });
  }
  return (await readOptionalModels()).flatMap((entry) => {
    const network = described[entry.name];
    const file = files.find(({ content }) => matching(expectedContents(entry), content));
    return network && file ? [readyOnnx(network, file.data)] : [];
  });
}

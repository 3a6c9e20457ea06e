import { createHash } from 'node:crypto';
import type { EncoderCard } from '../../analyze/face-analyzer.ts';
import type { LoadableNetwork } from '../../engines/inference-engine.ts';
import { csvFolderState, readCsvFolder } from '../../importers/openface-csv.ts';
import { packWeights } from '../../importers/packed-weights.ts';
import type { CompiledCache } from '../../models/compiled-cache.ts';
import { loadableFrom } from '../load-network.ts';
import type { Nn4Variant } from './layers.ts';
import { NN4_DIMENSION, NN4_INPUT_PX, nn4Small2 } from './network.ts';
import { nn4CsvFiles } from './weight-files.ts';

/** Raised whenever {@link loadNn4} packs the same folder otherwise. */
const PACKING_VERSION = 1;

/** The seed's `verify` and `who_is_it`: a distance below 0.7, and no margin to the next person. */
const SEED_RULE = { maxDistance: 0.7, identifyMaxDistance: 0.7, minMargin: 0 } as const;

/** `eyes-nose`: a face aligned by outer eyes and nose, as OpenFace does; `whole`: the whole picture, as the seed project does. */
export type Nn4Alignment = 'eyes-nose' | 'whole';

/** The network over the weights of one folder. */
export interface LoadableNn4 {
  readonly network: LoadableNetwork;
  /** Encodings of other weights, of the other variant and of other models are never compared with these. */
  readonly card: EncoderCard;
}

/**
 * `nn4.small2` over a folder of 226 CSV files. The folder is read once; from then on its content comes out of one binary
 * file in the cache, as long as no file changes its size or time.
 * @param onProgress told which part of the folder has been read.
 * @param alignment what the network is shown; encodings of aligned faces and of whole pictures are never compared.
 * @throws LatchkeyError `model-missing` or `model-corrupt` that name the file and what is wrong with it.
 */
export async function loadNn4(
  folder: string,
  variant: Nn4Variant,
  cache: CompiledCache,
  onProgress: (line: string) => void,
  alignment: Nn4Alignment = 'eyes-nose',
): Promise<LoadableNn4> {
  const state = await csvFolderState(folder, nn4CsvFiles);
  const { bytes } = await cache.get(
    'nn4-small2',
    [`packing ${PACKING_VERSION}`, ...state],
    () => pack(folder, onProgress),
    'weights',
  );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    network: loadableFrom(nn4Small2[variant], cache, onProgress, {
      description: folder,
      key: async () => [sha256],
      files: async () => [bytes],
    }),
    card: {
      id: `nn4-small2-${variant}@${sha256.slice(0, 12)}/${alignment}${NN4_INPUT_PX}`,
      dimension: NN4_DIMENSION,
      ...SEED_RULE,
    },
  };
}

async function pack(folder: string, onProgress: (line: string) => void): Promise<Uint8Array> {
  const weights = await readCsvFolder(folder, nn4CsvFiles, (done, total) => {
    if (done % 25 === 0 || done === total) onProgress(`reading OpenFace weights: ${done} of ${total} files`);
  });
  const used = new Set(nn4CsvFiles.filter((file) => file.used).map((file) => file.name));
  return packWeights(weights.filter(({ name }) => used.has(name)));
}

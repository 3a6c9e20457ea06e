import { type Encoding, LatchkeyError, type RgbImage } from '@latchkey/domain';
import type { EngineChoice, EngineName, InferenceEngine, NetworkSession } from '../engines/inference-engine.ts';
import { type EngineOptions, openEngine } from '../engines/select-engine.ts';
import { resizeAsOpenCv } from '../image/resize-as-opencv.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { loadNn4 } from '../networks/nn4-small2/load-nn4.ts';
import { NN4_INPUT_PX } from '../networks/nn4-small2/network.ts';
import type { EncoderCard } from './face-analyzer.ts';

/** Options of {@link openWholePictureEncoder}. */
export interface WholePictureOptions extends EngineOptions {
  /** The 226 CSV files of `nn4.small2`. */
  readonly folder: string;
  /** Folder for compiled networks; made when absent. */
  readonly cacheDir: string;
  /** Default `auto`. */
  readonly engine?: EngineChoice;
  /** Told which engine is used and what takes long at the first start. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The seed project's `img_to_encoding`: a whole picture at 96 × 96, without detection or alignment, through its variant of
 * `nn4.small2`. Whatever is on the picture gets an encoding, also where there is no face.
 */
export class WholePictureEncoder {
  readonly model: EncoderCard;
  readonly #engine: InferenceEngine;
  readonly #session: NetworkSession;

  /** @param engine owned from now on; `session` is one of the seed's `nn4.small2` in it. */
  constructor(model: EncoderCard, engine: InferenceEngine, session: NetworkSession) {
    this.model = model;
    this.#engine = engine;
    this.#session = session;
  }

  /** The engine that computes. */
  get engine(): EngineName {
    return this.#engine.name;
  }

  /** @throws LatchkeyError `not-a-number` when the network gives nothing usable. */
  async encode(image: RgbImage): Promise<Encoding> {
    const side = NN4_INPUT_PX;
    const [output] = await this.#session.run([{ shape: [1, 3, side, side], data: planesOf(image, side) }]);
    if (!output) throw new LatchkeyError('internal', 'The network gave no output.');
    return { modelId: this.model.id, values: output.data };
  }

  /** Gives all memory back; may be called twice. */
  dispose(): Promise<void> {
    return this.#engine.dispose();
  }
}

/**
 * Loads the seed project's network.
 * @throws LatchkeyError `engine-unavailable`, `model-missing`, `model-corrupt`.
 */
export async function openWholePictureEncoder(options: WholePictureOptions): Promise<WholePictureEncoder> {
  const onProgress = options.onProgress ?? (() => undefined);
  const engine = await openEngine(options.engine ?? 'auto', onProgress, options);
  try {
    const cache = new CompiledCache(options.cacheDir);
    const { network, card } = await loadNn4(options.folder, 'seed', cache, onProgress, 'whole');
    return new WholePictureEncoder(card, engine, await engine.load(network));
  } catch (cause) {
    await engine.dispose();
    throw cause;
  }
}

/** Planar RGB / 255. The seed rounds to 12 decimals, which no float32 of a byte / 255 can show. */
function planesOf(image: RgbImage, side: number): Float32Array {
  const { data } = resizeAsOpenCv(image, side, side);
  const plane = side * side;
  const planes = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++)
    for (let channel = 0; channel < 3; channel++) planes[channel * plane + i] = (data[i * 3 + channel] as number) / 255;
  return planes;
}

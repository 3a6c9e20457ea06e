import { readCliConfig } from '@latchkey/config';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { createFaceAnalyzer, type EngineChoice, ModelStore, openWholePictureEncoder } from '@latchkey/vision';
import type { Output } from '../output.ts';
import { AnalyzerFaceReader } from './analyzer-face-reader.ts';
import type { FaceReader } from './face-reader.ts';
import type { PolicyName } from './recognizer.ts';
import { WholePictureFaceReader } from './whole-picture-face-reader.ts';

/** Flags that say how faces are read. */
export interface ReaderFlags {
  readonly policy: PolicyName;
  readonly engine?: EngineChoice;
  readonly model?: string;
  readonly detector?: string;
  /** Whether encodings are averaged with the mirrored face's; as the model has it when absent. */
  readonly mirrored?: boolean;
}

/** The encoder of the seed project. */
const seedModel = 'nn4-small2-seed';

/**
 * Opens what reads faces, with the configured model cache; what takes long the first time is noted on stderr. With the policy `seed`
 * and no model but the seed's it is the seed's way: whole pictures, no detection, no alignment.
 * @throws LatchkeyError `model-missing` when a chosen model was not added, `invalid-input` for flags that contradict each
 * other, and what opening gives.
 */
export async function openFaceReader(flags: ReaderFlags, output: Output): Promise<FaceReader> {
  const isSeeds = flags.policy === 'seed' && [undefined, 'nn4-small2', seedModel].includes(flags.model);
  return isSeeds ? openSeedReader(flags, output) : openAlignedReader(flags, output);
}

async function openAlignedReader(flags: ReaderFlags, output: Output): Promise<FaceReader> {
  const store = new ModelStore(readCliConfig().modelCacheDir);
  const encoder = flags.model === undefined ? null : await store.encoder(flags.model);
  const detector = flags.detector === undefined ? 'blazeface' : await store.detector(flags.detector);
  const analyzer = await createFaceAnalyzer({
    ...commonOptions(flags, output),
    detector,
    ...(encoder ? { encoder } : {}),
    ...(flags.mirrored === undefined ? {} : { mirrored: flags.mirrored }),
  });
  return new AnalyzerFaceReader(analyzer);
}

async function openSeedReader(flags: ReaderFlags, output: Output): Promise<FaceReader> {
  if (flags.detector !== undefined) {
    throw new LatchkeyError(
      'invalid-input',
      'The seed’s way takes whole pictures; leave --detector out, or pass another --model with it.',
    );
  }
  if (flags.mirrored) {
    throw new LatchkeyError(
      'invalid-input',
      'The seed’s way takes pictures as they are; leave --mirrored out, or pass another --model with it.',
    );
  }
  const { modelCacheDir } = readCliConfig();
  const encoder = await new ModelStore(modelCacheDir).encoder(seedModel).catch((error: unknown) => {
    if (!isLatchkeyError(error, 'model-missing')) throw error;
    throw new LatchkeyError(
      'model-missing',
      'The policy "seed" runs on the network nn4-small2, which is not here yet. Add it with "latchkey models add nn4-small2 ' +
        '--file DIR" (OpenFace’s 226 CSV files), or pass --model dlib-resnet34 to judge by the seed’s rule with the encoder ' +
        'that comes along.',
      { cause: error },
    );
  });
  if (encoder?.model !== 'nn4-small2') throw new LatchkeyError('internal', `${seedModel} is another encoder.`);
  return new WholePictureFaceReader(
    await openWholePictureEncoder({ ...commonOptions(flags, output), folder: encoder.folder }),
  );
}

function commonOptions({ engine }: ReaderFlags, output: Output) {
  const config = readCliConfig();
  return {
    cacheDir: config.modelCacheDir,
    engine: engine ?? config.engine,
    engineDir: config.engineDir,
    engineThreads: config.engineThreads,
    onProgress: (line: string) => output.detail(line),
  };
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import {
  type AddedEncoder,
  type DetectorChoice,
  type DetectorName,
  detectorNames,
  type EncoderCard,
  type EngineChoice,
  encoderNames,
  type FaceAnalyzer,
  ModelStore,
  startFaceAnalyzerWorker,
} from '@latchkey/vision';
import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { EncodingStore } from '../recognition/encoding-store.ts';
import { addMirroredOptions, detectorOption, engineOption } from '../recognition/open-recognizer.ts';
import { type EncodedPicture, encodePictures } from './encode-pictures.ts';

/** Threads at most: each holds all networks, some 150 MB. */
const MAX_WORKERS = 4;

/** Raised when detection, alignment or the choice of the face changes for the same model: kept encodings are then left alone. */
const REVISION = 2;

/** Flags of commands that encode a folder of pictures with one or several models. */
export interface ModelsFlags {
  readonly models: string;
  readonly detector: DetectorName;
  readonly engine?: EngineChoice;
  readonly mirrored?: boolean;
  readonly cache: boolean;
}

/** A model that is chosen and there. */
export interface ChosenModel {
  readonly name: string;
  /** Null: the one that comes with Latchkey. */
  readonly encoder: AddedEncoder | null;
  readonly detector: DetectorChoice;
}

/** A folder's pictures in one model's eyes. */
export interface EncodedFolder {
  readonly model: EncoderCard;
  /** Name of the detector. */
  readonly detector: DetectorName;
  /** By path; one for each file that was asked for. */
  readonly pictures: ReadonlyMap<string, EncodedPicture>;
  /** Median time of a picture; null when all of them were unreadable. */
  readonly msPerImage: number | null;
}

/** Adds the options that choose models. */
export function addModelsOptions(command: Command): Command {
  return addMirroredOptions(command)
    .option('--models <names>', `encoders, separated by commas: ${encoderNames.join(', ')}`, encoderNames[0])
    .option('--no-cache', 'neither use nor keep encodings of earlier runs')
    .addOption(detectorOption().default(detectorNames[0]))
    .addOption(engineOption());
}

/**
 * The models of a list of names, with the detector that the flags name.
 * @throws LatchkeyError `invalid-input` for an unknown name, `model-missing` for one that was not added.
 */
export async function chooseModels({ models, detector }: ModelsFlags): Promise<readonly ChosenModel[]> {
  const store = new ModelStore(readCliConfig().modelCacheDir);
  const list = [...new Set(models.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  if (list.length === 0)
    throw new LatchkeyError('invalid-input', `--models is empty; name ${encoderNames.join(', ')}.`);
  const chosen = await store.detector(detector);
  return Promise.all(list.map(async (name) => ({ name, encoder: await store.encoder(name), detector: chosen })));
}

/**
 * Encodes files with one model, in as many threads as there are cores (four at most), by what earlier runs kept.
 * @throws LatchkeyError when the model cannot be opened; the signal's reason when aborted.
 */
export async function encodeFolder(
  files: readonly string[],
  chosen: ChosenModel,
  flags: ModelsFlags,
  output: Output,
  signal: AbortSignal,
): Promise<EncodedFolder> {
  const config = readCliConfig();
  const analyzers: FaceAnalyzer[] = [];
  const progress = output.progress(`Encoding with ${chosen.name}`, 'files');
  try {
    for (let i = 0; i < Math.min(availableParallelism(), MAX_WORKERS, Math.max(files.length, 1)); i++) {
      signal.throwIfAborted();
      analyzers.push(
        await startFaceAnalyzerWorker({
          cacheDir: config.modelCacheDir,
          engine: flags.engine ?? config.engine,
          engineDir: config.engineDir,
          detector: chosen.detector,
          ...(chosen.encoder ? { encoder: chosen.encoder } : {}),
          ...(flags.mirrored === undefined ? {} : { mirrored: flags.mirrored }),
          onProgress: (line) => output.detail(line),
        }),
      );
    }
    const [first] = analyzers;
    if (!first) throw new LatchkeyError('internal', 'No analyzer was started.');
    const store = flags.cache ? storeOf(config.modelCacheDir, first) : null;
    const pictures = await encodePictures(files, {
      analyzers,
      store,
      signal,
      onDone: (done) => progress.update(done, files.length),
    });
    return { model: first.model, detector: flags.detector, pictures, msPerImage: medianMs(pictures) };
  } finally {
    progress.stop();
    await Promise.all(analyzers.map((analyzer) => analyzer.dispose()));
  }
}

function storeOf(cacheDir: string, { model, engine, detector }: FaceAnalyzer): EncodingStore {
  const ingredients = [model.id, engine, detector, `revision ${REVISION}`] as const;
  return new EncodingStore(join(cacheDir, 'encodings'), [...ingredients], model.dimension);
}

function medianMs(pictures: ReadonlyMap<string, EncodedPicture>): number | null {
  const times = [...pictures.values()].flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b);
  return times[times.length >> 1] ?? null;
}

import { relative } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import {
  assertEnoughPairs,
  type Calibration,
  calibrateThreshold,
  compareAllPairs,
  countAtMost,
  countPairs,
  proportion,
} from '@latchkey/vision';
import { type Command, InvalidArgumentError } from 'commander';
import { interruptible } from '../engines/interruptible.ts';
import {
  addModelsOptions,
  chooseModels,
  type EncodedFolder,
  encodeFolder,
  type ModelsFlags,
} from '../evaluation/open-models.ts';
import { shareText } from '../evaluation/result-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { GalleryFolder, type GalleryImage } from '../recognition/gallery-folder.ts';

interface CalibrateFlags extends ModelsFlags {
  readonly images: string;
  readonly fmr: readonly number[];
}

/** Pairs that are held in memory (4 bytes each): 20,000 pictures. */
const MAX_PAIRS = 200_000_000;

const cancelled = 'Cancelled; encodings so far are kept, and the same command goes on from there.';

/** `latchkey calibrate`: which `maxDistance` lets in no more than a wanted share of strangers, on one's own pictures. */
export function addCalibrateCommand(program: Command): void {
  const command = program
    .command('calibrate')
    .description(
      'Finds the distance at which a wanted share of strangers is let in, from all pairs of the pictures of different people. ' +
        'Of several faces the one nearest to the middle counts; pictures without one are left out.',
    )
    .requiredOption('--images <dir>', 'a folder per person, or NAME*.jpg as in a gallery')
    .option('--fmr <rates...>', 'wanted false match rates, e.g. 1e-3 1e-4', parseRate, []);
  addModelsOptions(command).action(async (flags: CalibrateFlags) => {
    const output = outputOf(command);
    const rates = flags.fmr.length > 0 ? flags.fmr : [1e-3];
    const models = await chooseModels(flags);
    const images = await new GalleryFolder(flags.images).images();
    const { genuine, impostor } = countPairs(images);
    for (const rate of rates) assertEnoughPairs(impostor, rate);
    if (genuine + impostor > MAX_PAIRS) {
      throw new LatchkeyError(
        'invalid-input',
        `${images.length} pictures are too many; 20,000 are enough, pass fewer.`,
      );
    }
    const results = await interruptible(
      output,
      async (signal) => {
        const done: ModelCalibration[] = [];
        for (const model of models) {
          const files = images.map(({ path }) => path);
          const folder = await encodeFolder(files, model, flags, output, signal);
          for (const { problem } of folder.pictures.values()) if (problem) output.note(`left out: ${problem}`);
          done.push(calibrate(folder, images, rates, flags.images));
        }
        return done;
      },
      cancelled,
    );
    if (results === null) return;
    output.result(results.map(describe).join('\n\n'), { models: results });
    process.exitCode = exitCodes.done;
  });
}

/** A threshold and how many right people it lets in. */
interface Threshold extends Calibration {
  /** True accept rate; null when nobody has two pictures. */
  readonly tar: ReturnType<typeof proportion> | null;
}

/** One model's thresholds, and what they rest on. */
interface ModelCalibration {
  readonly model: string;
  readonly detector: string;
  readonly images: number;
  readonly missedImages: number;
  readonly identities: number;
  readonly impostorPairs: number;
  readonly genuinePairs: number;
  readonly thresholds: readonly Threshold[];
  readonly nearestStrangers: readonly { readonly a: string; readonly b: string; readonly distance: number }[];
}

function parseRate(text: string, earlier: readonly number[]): readonly number[] {
  const rate = Number(text);
  if (!(rate > 0 && rate < 1)) throw new InvalidArgumentError('A rate is above 0 and below 1, e.g. 1e-3.');
  return [...earlier, rate];
}

function calibrate(
  { model, detector, pictures }: EncodedFolder,
  images: readonly GalleryImage[],
  rates: readonly number[],
  root: string,
): ModelCalibration {
  const faces = images.flatMap(({ identity, path }) => {
    const face = pictures.get(path)?.face;
    return face ? [{ identity, path, values: face.values }] : [];
  });
  const { genuine, impostor, nearestImpostors } = compareAllPairs(faces);
  const nameOf = (place: number): string => relative(root, faces[place]?.path ?? '');
  return {
    model: model.id,
    detector,
    images: images.length,
    missedImages: images.length - faces.length,
    identities: new Set(faces.map(({ identity }) => identity)).size,
    impostorPairs: impostor.length,
    genuinePairs: genuine.length,
    thresholds: rates.map((rate) => {
      const found = calibrateThreshold(impostor, rate);
      const accepted = countAtMost(genuine, found.maxDistance);
      return { ...found, tar: genuine.length > 0 ? proportion(accepted, genuine.length) : null };
    }),
    nearestStrangers: nearestImpostors.map(({ a, b, distance }) => ({ a: nameOf(a), b: nameOf(b), distance })),
  };
}

function describe(result: ModelCalibration): string {
  const {
    model,
    detector,
    images,
    missedImages,
    identities,
    impostorPairs,
    genuinePairs,
    thresholds,
    nearestStrangers,
  } = result;
  const [nearest] = nearestStrangers;
  return [
    `${model}, ${detector}: ${images} pictures of ${identities} people (${missedImages} without a face), ` +
      `${impostorPairs} impostor and ${genuinePairs} genuine pairs`,
    ...thresholds.map(({ wantedFmr, maxDistance, maxDistanceInterval: [low, high], fmr, reliable, tar }) =>
      [
        `  FMR ${wantedFmr.toExponential()}: maxDistance ${floored(maxDistance)} (95 %: ${low.toFixed(3)}–${high.toFixed(3)}), `,
        `${fmr.count} false matches${reliable ? '' : ', fewer than the 30 that make it reliable'}`,
        tar ? `; right people let in: ${shareText(tar)}` : '',
      ].join(''),
    ),
    ...(nearest
      ? [`  nearest strangers: ${nearest.a} and ${nearest.b} at ${nearest.distance.toFixed(3)}; is it one person?`]
      : []),
  ].join('\n');
}

/** Rounded down: the printed threshold must not let more in than the measured one. */
function floored(distance: number): string {
  return (Math.floor(distance * 1000) / 1000).toFixed(3);
}

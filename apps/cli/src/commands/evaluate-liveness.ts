import { readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import {
  type DetectorName,
  detectorNames,
  type EngineChoice,
  LIVENESS_THRESHOLD,
  type Liveness,
  type LivenessErrors,
  type LivenessTrials,
  livenessErrorsAt,
  ModelStore,
  nonResponseRates,
  startFaceAnalyzerWorker,
  thresholdForBpcer,
} from '@latchkey/vision';
import { type Command, InvalidArgumentError } from 'commander';
import { interruptible } from '../engines/interruptible.ts';
import { type ScoredPictures, scorePictures } from '../evaluation/liveness-scores.ts';
import { shareText } from '../evaluation/result-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Output, outputOf } from '../output.ts';
import { GalleryFolder } from '../recognition/gallery-folder.ts';
import { detectorOption, engineOption } from '../recognition/open-recognizer.ts';

interface EvaluateLivenessFlags {
  readonly bonaFide: string;
  readonly attacks?: string;
  readonly threshold: readonly number[];
  readonly bpcer: readonly number[];
  readonly detector: DetectorName;
  readonly engine?: EngineChoice;
}

const defaultThresholds = [0.3, 0.4, LIVENESS_THRESHOLD, 0.6, 0.7, 0.8, 0.9] as const;
const defaultBpcers = [0.01, 0.05] as const;

/** Whose numbers are evaluated: the score that doors use, and each network's. */
const scorers = {
  score: ({ score }: Liveness) => score,
  liveness: ({ parts }: Liveness) => parts.liveness,
  antispoof: ({ parts }: Liveness) => parts.antispoof,
} as const;

/** `latchkey evaluate-liveness`: how often living people are rejected and attacks let through, on anybody's pictures. */
export function addEvaluateLivenessCommand(program: Command): void {
  const command = program
    .command('evaluate-liveness')
    .description(
      'Measures passive liveness detection: BPCER on pictures of living people, APCER on pictures of attacks, each kind for ' +
        'itself (ISO/IEC 30107-3). Of several faces the one nearest to the middle counts.',
    )
    .requiredOption('--bona-fide <dir>', 'pictures of living people, in the folder or in folders of it')
    .option('--attacks <dir>', 'pictures of attacks as the camera saw them: a folder for each kind')
    .option('--threshold <scores...>', 'scores from which on a face counts as alive', parseShare, [])
    .option('--bpcer <shares...>', 'wanted shares of rejected living people, e.g. 0.01', parseShare, [])
    .addOption(detectorOption().default(detectorNames[0]))
    .addOption(engineOption());
  command.action(async (flags: EvaluateLivenessFlags) => {
    const output = outputOf(command);
    const scored = await interruptible(output, (signal) => score(flags, output, signal), 'Cancelled; nothing is kept.');
    if (scored === null) return;
    const results = Object.entries(scorers).map(([name, of]) => evaluate(name, scored, of, flags));
    output.result(results.map(describe).join('\n\n'), { scorers: results });
    process.exitCode = exitCodes.done;
  });
}

interface Scored {
  readonly bonaFide: ScoredPictures;
  readonly attacks: ReadonlyMap<string, ScoredPictures>;
}

async function score(flags: EvaluateLivenessFlags, output: Output, signal: AbortSignal): Promise<Scored> {
  const living = (await new GalleryFolder(flags.bonaFide).images()).map(({ path }) => path);
  if (living.length === 0) {
    throw new LatchkeyError('invalid-input', `There is no picture in ${flags.bonaFide}; pass another --bona-fide.`);
  }
  const attacks = flags.attacks === undefined ? [] : await new GalleryFolder(flags.attacks).images();
  const kinds = [...new Set(attacks.map(({ identity }) => identity))];
  const config = readCliConfig();
  const analyzer = await startFaceAnalyzerWorker({
    cacheDir: config.modelCacheDir,
    engine: flags.engine ?? config.engine,
    engineDir: config.engineDir,
    detector: await new ModelStore(config.modelCacheDir).detector(flags.detector),
    mirrored: false,
    liveness: true,
    onProgress: (line) => output.detail(line),
  });
  const progress = output.progress('Measuring liveness', 'files');
  try {
    let done = 0;
    const onDone = (): void => progress.update(++done, living.length + attacks.length);
    const scoreAll = (files: readonly string[]): Promise<ScoredPictures> =>
      scorePictures(files, analyzer, signal, (line) => output.note(line), onDone);
    const bonaFide = await scoreAll(living);
    const byKind = new Map<string, ScoredPictures>();
    for (const kind of kinds) {
      const pictures = attacks.filter(({ identity }) => identity === kind);
      byKind.set(kind, await scoreAll(pictures.map(({ path }) => path)));
    }
    return { bonaFide, attacks: byKind };
  } finally {
    progress.stop();
    await analyzer.dispose();
  }
}

/** One scorer's errors. */
interface LivenessResult extends ReturnType<typeof nonResponseRates> {
  readonly scorer: string;
  readonly thresholds: readonly LivenessErrors[];
  /** The threshold for each wanted BPCER. */
  readonly atBpcer: readonly (LivenessErrors & { readonly wantedBpcer: number })[];
}

function evaluate(
  scorer: string,
  { bonaFide, attacks }: Scored,
  of: (liveness: Liveness) => number,
  flags: EvaluateLivenessFlags,
): LivenessResult {
  const numbers = ({ faces, nonResponses }: ScoredPictures) => ({ scores: faces.map(of), nonResponses });
  const trials: LivenessTrials = {
    bonaFide: numbers(bonaFide),
    attacks: [...attacks].map(([species, pictures]) => ({ species, ...numbers(pictures) })),
  };
  const thresholds = flags.threshold.length > 0 ? flags.threshold : defaultThresholds;
  const wanted = flags.bpcer.length > 0 ? flags.bpcer : defaultBpcers;
  return {
    scorer,
    ...nonResponseRates(trials),
    thresholds: thresholds.map((threshold) => livenessErrorsAt(trials, threshold)),
    atBpcer: wanted.map((share) => ({
      wantedBpcer: share,
      ...livenessErrorsAt(trials, thresholdForBpcer(trials.bonaFide, share)),
    })),
  };
}

function describe({ scorer, bpnrr, apnrr, thresholds, atBpcer }: LivenessResult): string {
  const errors = ({ threshold, bpcer, apcer }: LivenessErrors): string =>
    [
      `${threshold.toFixed(3)}: BPCER ${shareText(bpcer)}`,
      ...apcer.map((attack) => `APCER of ${attack.species} ${shareText(attack)}`),
    ].join(', ');
  return [
    `${scorer}: ${bpnrr.trials} pictures of living people, ${bpnrr.count} without a face` +
      apnrr.map(({ species, trials, count }) => `; ${trials} of ${species}, ${count} without a face`).join(''),
    ...thresholds.map((at) => `  from ${errors(at)}`),
    ...atBpcer.map((at) => `  for a BPCER of ${at.wantedBpcer}: from ${errors(at)}`),
    ...(apnrr.length === 0 ? ['  no attacks were given: nothing is known of the APCER'] : []),
  ].join('\n');
}

function parseShare(text: string, earlier: readonly number[]): readonly number[] {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('It is a number from 0 to 1.');
  return [...earlier, share];
}

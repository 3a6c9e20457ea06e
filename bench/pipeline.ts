import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCliConfig } from '@latchkey/config';
import { createFaceAnalyzer, decodeImage, type FaceAnalyzerOptions } from '@latchkey/vision';
import { FRAME, threePeople, threePortraits } from './camera-frames.ts';
import { type Figure, figureOf } from './figure.ts';
import { interleavedMs, type Times } from './interleaved.ts';
import { LinePeer, type PeerCommand } from './line-peer.ts';
import { faceApiNode, facePython } from './pipeline-peers.ts';
import { recordRuns } from './recorded-runs.ts';

const models = fileURLToPath(new URL('../../../shared/models/', import.meta.url));

/** One way to set up our pipeline. */
interface Setup {
  readonly name: string;
  readonly options: Omit<FaceAnalyzerOptions, 'cacheDir'>;
  /** Files beside the repository that it needs. */
  readonly files: readonly string[];
  /** How many times faster than each peer it must be; null: no goal. */
  readonly goals: { readonly faceRecognition: number; readonly faceApi: number } | null;
}

const onOneCore: readonly Setup[] = [
  { name: 'default', options: { engine: 'onnx' }, files: [], goals: { faceRecognition: 16, faceApi: 9 } },
  // One pass of the encoder for a face, as the peers make it.
  { name: 'default-not-mirrored', options: { engine: 'onnx', mirrored: false }, files: [], goals: null },
  {
    name: 'yunet-mobilefacenet',
    options: {
      engine: 'onnx',
      detector: { model: 'yunet', path: join(models, 'yunet.onnx') },
      encoder: { model: 'mobilefacenet', path: join(models, 'mobilefacenet.onnx') },
    },
    files: ['yunet.onnx', 'mobilefacenet.onnx'],
    goals: { faceRecognition: 25, faceApi: 14 },
  },
];

/** face-api takes all cores, face_recognition one. */
const setups: readonly Setup[] = onOneCore.flatMap((setup) => [
  setup,
  {
    ...setup,
    name: `${setup.name}-all-cores`,
    options: { ...setup.options, engineThreads: availableParallelism() },
    goals: null,
  },
]);

/** Our code around the networks may take a quarter of what they take. */
const allowedRatio = 1.25;

/** Time for all that is compared on one frame. */
const budgetMs = 20_000;

/** What takes part in one comparison. */
interface Runner {
  readonly name: string;
  run(): Promise<unknown>;
}

/**
 * Detect, align, encode and judge a frame of 640 × 480 with three faces, with the same passes of the same networks
 * without anything around them, and with face_recognition and face-api, all in turn in one run. The fastest of many rounds
 * count: other work on the machine only adds time.
 * @param flags `--peers=DIR` keeps what is installed for the comparison; else it goes into a temporary folder.
 */
export async function measurePipeline(flags: readonly string[]): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const kept = flags.find((flag) => flag.startsWith('--peers='))?.slice('--peers='.length);
  const frames = { samples: await threePeople(), 'lfw-dev': await threePortraits() };
  const figures: Figure[] = [];
  try {
    for (const [name, png] of Object.entries(frames)) {
      if (png === null) console.error(`skipped: ${name}: the pictures are not beside the repository (../shared/faces)`);
      else figures.push(...(await measureFrame(name, png, folder, kept ?? join(folder, 'peers'))));
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureFrame(frameName: string, png: Buffer, folder: string, peersDir: string): Promise<Figure[]> {
  const image = await decodeImage(png);
  const paths = { png: join(folder, `${frameName}.png`), rgb: join(folder, `${frameName}.rgb`) };
  await writeFile(paths.png, png);
  await writeFile(paths.rgb, image.data);
  const ends: (() => Promise<void> | void)[] = [];
  const ours: (Setup & Runner & { readonly bare: Runner })[] = [];
  try {
    for (const setup of setups) {
      const missing = setup.files.find((file) => !existsSync(join(models, file)));
      if (missing) {
        console.error(`skipped: ${setup.name}: ${missing} is not beside the repository (../shared/models)`);
        continue;
      }
      const analyzer = await createFaceAnalyzer({ cacheDir: join(folder, 'networks'), ...setup.options });
      ends.push(() => analyzer.dispose());
      const run = () => analyzer.analyze(image);
      const faces = (await run()).length;
      const recorded = await recordRuns(run);
      console.error(`${frameName}: ${setup.name}: ${faces} faces, ${recorded.count} passes of networks`);
      if (faces !== 3) throw new Error(`${setup.name} finds ${faces} faces in the frame of three of ${frameName}.`);
      ours.push({ ...setup, run, bare: { name: 'bare networks', run: () => recorded.replay() } });
    }
    const peers = {
      faceRecognition: await startPeer('face_recognition', frameName, await facePython(peersDir, paths.png), ends),
      faceApi: await startPeer('face-api', frameName, faceApiNode(readCliConfig().engineDir, paths.rgb, FRAME), ends),
    };
    const figures: Figure[] = [];
    for (const setup of ours) {
      const [mine, bare] = await interleavedMs([setup.run, setup.bare.run], budgetMs / 4, allowedRatio);
      // Beside networks on several cores our code, on one, weighs more.
      const allowed = setup.options.engineThreads === undefined ? allowedRatio : Number.POSITIVE_INFINITY;
      if (mine && bare) figures.push(...ofBare(`pipeline.${frameName}.${setup.name}`, mine, bare, allowed));
    }
    const present = Object.values(peers).filter((peer) => peer !== null);
    const times = await interleavedMs(
      [...ours, ...present].map(({ run }) => run),
      budgetMs,
    );
    for (const [i, setup] of ours.entries()) {
      for (const [key, peer] of Object.entries(peers) as [keyof typeof peers, Runner | null][]) {
        const mine = times[i];
        const theirs = peer ? times[ours.length + present.indexOf(peer)] : undefined;
        if (!peer || !mine || !theirs) continue;
        figures.push(
          figureOf({
            id: `pipeline.${frameName}.${setup.name}.than-${peer.name}`,
            value: theirs.fastest / mine.fastest,
            unit: '× faster',
            goal: setup.goals?.[key] ?? 0,
            higherIsBetter: true,
            peer: { name: `${peer.name}, ms`, value: Number(theirs.fastest.toPrecision(4)) },
          }),
        );
      }
    }
    return figures;
  } finally {
    for (const end of ends) await end();
  }
}

function ofBare(id: string, mine: Times, bare: Times, allowed: number): Figure[] {
  return [
    figureOf({ id, value: mine.fastest, unit: 'ms', goal: Number.POSITIVE_INFINITY, higherIsBetter: false }),
    figureOf({
      id: `${id}.of-networks`,
      value: mine.fastest / bare.fastest,
      unit: '×',
      goal: allowed,
      higherIsBetter: false,
      peer: { name: 'the same passes in bare sessions, ms', value: Number(bare.fastest.toPrecision(4)) },
    }),
  ];
}

async function startPeer(
  name: string,
  frameName: string,
  start: PeerCommand | { readonly problem: string },
  ends: (() => Promise<void> | void)[],
): Promise<Runner | null> {
  const peer = 'problem' in start ? start.problem : await LinePeer.start(start).catch((error: Error) => error.message);
  if (typeof peer === 'string') {
    console.error(`skipped: ${name}: ${peer}`);
    return null;
  }
  ends.push(() => peer.stop());
  console.error(`${frameName}: ${name}: ${peer.faces} faces`);
  return { name, run: () => peer.run() };
}

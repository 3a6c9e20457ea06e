import { LatchkeyError } from '@latchkey/domain';
import { chipToPicture } from '../align/dlib-chip.ts';
import { eyesNoseToPicture } from '../align/eyes-nose.ts';
import { fivePointsToPicture } from '../align/five-points.ts';
import type { DetectorName } from '../detect/detect-faces.ts';
import type { PixelNormalisation } from '../image/warp.ts';
import { encoderCard, fivePointCard } from '../models/encoder-card.ts';
import { readAddedModel } from '../models/model-files.ts';
import { findModel, readOptionalModels } from '../models/model-manifest.ts';
import { CHIP_PX, dlibResnet34 } from '../networks/dlib-resnet34/network.ts';
import { FIVE_POINT_PX, type FivePointEncoderName, fivePointNetworks } from '../networks/five-point/network.ts';
import { loadable } from '../networks/load-network.ts';
import type { Nn4Variant } from '../networks/nn4-small2/layers.ts';
import { loadNn4 } from '../networks/nn4-small2/load-nn4.ts';
import { NN4_INPUT_PX } from '../networks/nn4-small2/network.ts';
import { readyOnnx } from '../networks/ready-onnx.ts';
import { AlignedEncoder } from './aligned-encoder.ts';
import type { EncoderCard } from './face-analyzer.ts';
import { type LocatedFace, landmarksOf } from './located-face.ts';
import type { NetworkContext } from './network-context.ts';

/** An encoder that a user has added to those that come with Latchkey. */
export type AddedEncoder =
  /** A file that `weights/manifest.json` names, checked against its SHA-256. */
  | { readonly model: FivePointEncoderName; readonly path: string }
  /** OpenFace's folder of 226 CSV files. */
  | { readonly model: 'nn4-small2'; readonly variant: Nn4Variant; readonly folder: string };

/** An encoder that is ready, and what must be known of its encodings. */
export interface OpenEncoder {
  readonly card: EncoderCard;
  readonly encoder: AlignedEncoder;
}

/**
 * Whether an encoder aligns by 68 landmarks; else five points are enough.
 * @param added none: the one that comes with Latchkey.
 */
export function needsLandmarks(added: AddedEncoder | undefined): boolean {
  return added === undefined || added.model === 'nn4-small2';
}

/** dlib's `input_rgb_image_sized`: mean colour, and 256 rather than 255. */
const dlibPixels: PixelNormalisation = { mean: [122.782, 117.001, 104.298], factor: 1 / 256 };

/** Opens the encoder that comes with Latchkey. */
export async function openDefaultEncoder(context: NetworkContext, mirrored: boolean): Promise<OpenEncoder> {
  const { engine, models, cache, onProgress } = context;
  const session = await engine.load(loadable(dlibResnet34, models, cache, onProgress));
  const input = {
    side: CHIP_PX,
    align: (face: LocatedFace, side: number) => chipToPicture(landmarksOf(face), side),
    pixels: dlibPixels,
    mirrored,
    unitLength: false,
  };
  return { card: encoderCard(models, mirrored), encoder: new AlignedEncoder(session, input) };
}

/**
 * Opens an encoder that was added.
 * @param pointsOf the detector that gives five points; null when they are taken out of the 68.
 * @param mirrored whether encodings are averaged with the mirrored face's.
 * @throws LatchkeyError `model-missing` or `model-corrupt` that name the file, `invalid-input` for nn4.small2 with `mirrored`.
 */
export async function openAddedEncoder(
  context: NetworkContext,
  added: AddedEncoder,
  pointsOf: DetectorName | null,
  mirrored: boolean,
): Promise<OpenEncoder> {
  const { engine, cache, onProgress } = context;
  if (added.model === 'nn4-small2') {
    if (mirrored) {
      throw new LatchkeyError(
        'invalid-input',
        'nn4-small2 has no thresholds for mirrored faces; leave that option out.',
      );
    }
    const { network, card } = await loadNn4(added.folder, added.variant, cache, onProgress);
    const input = {
      side: NN4_INPUT_PX,
      align: (face: LocatedFace, side: number) => eyesNoseToPicture(landmarksOf(face), side),
      pixels: { mean: [0, 0, 0], factor: 1 / 255 },
      mirrored: false,
      unitLength: true,
    } as const;
    return { card, encoder: new AlignedEncoder(await engine.load(network), input) };
  }
  const models = await readOptionalModels();
  const network = fivePointNetworks[added.model];
  const { bytes, version } = await readAddedModel(findModel(models, added.model), added.path);
  const align = ({ points }: LocatedFace, side: number) => fivePointsToPicture(points, side);
  const session = await engine.load(readyOnnx(network, bytes));
  return {
    card: fivePointCard(models, added.model, version, { pointsOf, mirrored }),
    encoder: new AlignedEncoder(session, {
      side: FIVE_POINT_PX,
      align,
      pixels: network.pixels,
      mirrored,
      unitLength: true,
    }),
  };
}

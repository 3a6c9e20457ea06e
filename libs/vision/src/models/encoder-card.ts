import { LatchkeyError } from '@latchkey/domain';
import type { EncoderCard } from '../analyze/face-analyzer.ts';
import { encoderId } from '../analyze/located-face.ts';
import type { DetectorName } from '../detect/detect-faces.ts';
import { dlibResnet34, ENCODING_DIMENSION } from '../networks/dlib-resnet34/network.ts';
import { FIVE_POINT_DIMENSION, type FivePointEncoderName } from '../networks/five-point/network.ts';
import { findModel, type ModelEntry, type OptionalModelEntry } from './model-manifest.ts';

/**
 * The default encoder's card.
 * @param mirrored whether encodings are averaged with the mirrored chip's: another model id, and shorter distances.
 * @throws LatchkeyError `model-corrupt` when the manifest gives no thresholds for it.
 */
export function encoderCard(models: readonly ModelEntry[], mirrored: boolean): EncoderCard {
  const entry = findModel(models, dlibResnet34.name);
  const id = encoderId(entry.version, mirrored);
  const thresholds = entry.thresholds?.[mirrored ? 'chip150-mirrored' : 'chip150'];
  if (!thresholds) {
    throw new LatchkeyError('model-corrupt', `weights/manifest.json has no thresholds for ${id}.`);
  }
  return { id, dimension: ENCODING_DIMENSION, ...thresholds };
}

/**
 * Card of an encoder that a user adds and that takes faces aligned by five points; encodings are of unit length.
 * @param version of the file, as {@link readAddedModel} gives it: encodings of a variant are not compared with others.
 * @param way which detector gives the points, another alignment than those taken out of the 68 (null), and whether encodings are
 * averaged with the mirrored face's.
 * @throws LatchkeyError `model-missing` when the manifest has no such model, `model-corrupt` when it gives no thresholds.
 */
export function fivePointCard(
  models: readonly OptionalModelEntry[],
  name: FivePointEncoderName,
  version: string,
  { pointsOf, mirrored }: { readonly pointsOf: DetectorName | null; readonly mirrored: boolean },
): EncoderCard {
  const entry = findModel(models, name);
  const id = `${name}@${version}/five112${pointsOf ? `-${pointsOf}` : ''}${mirrored ? '-mirrored' : ''}`;
  const thresholds = entry.thresholds?.[mirrored ? 'five112-mirrored' : 'five112'];
  if (!thresholds) throw new LatchkeyError('model-corrupt', `weights/manifest.json has no thresholds for ${id}.`);
  return { id, dimension: FIVE_POINT_DIMENSION, ...thresholds };
}

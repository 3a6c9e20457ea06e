import type { RgbImage } from '@latchkey/domain';
import type { FaceObservation } from '../analyze/face-analyzer.ts';

/**
 * The face whose box is nearest to the picture's centre: LFW's convention for pictures on which bystanders are seen too (the
 * person whom a picture is named after stands in its middle). Undefined when there is none.
 */
export function centralFace(
  faces: readonly FaceObservation[],
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
): FaceObservation | undefined {
  const away = ({ box }: FaceObservation): number =>
    Math.hypot(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2);
  return [...faces].sort((a, b) => away(a) - away(b))[0];
}

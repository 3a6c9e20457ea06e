import { chipOfFivePoints, chipToPicture } from '../align/dlib-chip.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { warpToPlanes } from '../image/warp.ts';
import { CHIP_PX } from '../networks/dlib-resnet34/network.ts';
import type { LocatedFace } from './face-encoder.ts';
import type { GreyChip } from './face-quality.ts';

/** The chip that quality is judged by, whichever alignment the encoder takes. */
export function greyChip(pyramid: ImagePyramid, { points, landmarks }: LocatedFace): GreyChip {
  const plane = CHIP_PX * CHIP_PX;
  const rgb = new Float32Array(3 * plane);
  const toPicture = landmarks ? chipToPicture(landmarks, CHIP_PX) : chipOfFivePoints(points, CHIP_PX);
  warpToPlanes(pyramid, toPicture, CHIP_PX, { mean: [0, 0, 0], factor: 1 }, rgb);
  return { side: CHIP_PX, data: lumaOf(rgb, plane) };
}

/** Rec. 601 luma of three planes of 0 … 255. */
function lumaOf(rgb: Float32Array, plane: number): Float32Array {
  const luma = (i: number): number =>
    0.299 * (rgb[i] ?? 0) + 0.587 * (rgb[i + plane] ?? 0) + 0.114 * (rgb[i + 2 * plane] ?? 0);
  return Float32Array.from({ length: plane }, (_, i) => luma(i));
}

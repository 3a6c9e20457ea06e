import type { Box, RgbImage } from '@latchkey/domain';
import { decodeImage, type FaceAnalyzer, singleFace } from '@latchkey/vision';
import { type SampleFace, sampleFace } from './sample-faces.ts';

/** Size of a clip's pictures. */
export const clipSize = { width: 640, height: 480 } as const;
/** Side of the cut-outs that are moved over the background; the face in one is about half of it. */
const cutOutPx = 200;

/** A face that can be put into pictures. */
export interface CutOut {
  readonly image: RgbImage;
  /** The face's box as the detector sees it, from the upper left corner of the cut-out. */
  readonly box: Box;
}

/** Where the upper left corner of a cut-out is in one picture of a clip. */
export interface Placed {
  readonly cutOut: CutOut;
  readonly left: number;
  readonly top: number;
}

/** Cuts a face out of face-api's sample photographs. */
export async function cutOutOf(face: SampleFace, analyzer: FaceAnalyzer): Promise<CutOut> {
  const image = await decodeImage((await sampleFace(face)).bytes, { maxSidePx: cutOutPx });
  const [left, top] = [220, 140];
  const { box } = singleFace(await analyzer.analyze(pictureOf([{ cutOut: { image, box: noBox }, left, top }])), {
    source: face,
  });
  return { image, box: { ...box, x: box.x - left, y: box.y - top } };
}

const noBox: Box = { x: 0, y: 0, width: 1, height: 1 };

/** A picture of a wall with cut-outs before it; the later ones are in front. */
export function pictureOf(placed: readonly Placed[]): RgbImage {
  const { width, height } = clipSize;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Bricks in uneven light.
      const isJoint = y % 40 < 3 || (x + (Math.floor(y / 40) % 2) * 40) % 80 < 3;
      const light = 90 + (60 * x) / width + (isJoint ? 35 : 0) + ((x * 7 + y * 13) % 5);
      data.set([light, light * 0.8, light * 0.7], (y * width + x) * 3);
    }
  }
  for (const { cutOut, left, top } of placed) paste(data, cutOut.image, Math.round(left), Math.round(top));
  return { width, height, data };
}

/** An oval of the cut-out, so that its corners do not cover what is behind it. */
function paste(data: Uint8Array, { width, height, data: pixels }: RgbImage, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [toX, toY] = [left + x, top + y];
      const [u, v] = [(2 * x) / width - 1, (2 * y) / height - 1];
      if (toX < 0 || toY < 0 || toX >= clipSize.width || toY >= clipSize.height || u * u + v * v > 1) continue;
      const from = (y * width + x) * 3;
      data.set(pixels.subarray(from, from + 3), (toY * clipSize.width + toX) * 3);
    }
  }
}

/** Where the face of a placed cut-out is. */
export function faceBoxOf({ cutOut: { box }, left, top }: Placed): Box {
  return { ...box, x: Math.round(left) + box.x, y: Math.round(top) + box.y };
}

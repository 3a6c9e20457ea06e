import type { CameraArea } from '@latchkey/config';
import type { RgbImage } from '@latchkey/domain';
import type { EncodingPlan, SeenFace } from '@latchkey/vision';

/** A part of a picture, and where it lies in it. */
export interface PictureRegion {
  readonly image: RgbImage;
  readonly left: number;
  readonly top: number;
}

/** Cuts the area out of the picture. */
export function cutRegion({ width, height, data }: RgbImage, area: CameraArea): PictureRegion {
  const left = Math.min(width - 1, Math.round(area.x * width));
  const top = Math.min(height - 1, Math.round(area.y * height));
  const size = {
    width: Math.max(1, Math.min(width - left, Math.round(area.width * width))),
    height: Math.max(1, Math.min(height - top, Math.round(area.height * height))),
  };
  const cut = new Uint8Array(size.width * size.height * 3);
  for (let row = 0; row < size.height; row++) {
    const from = ((top + row) * width + left) * 3;
    cut.set(data.subarray(from, from + size.width * 3), row * size.width * 3);
  }
  return { image: { ...size, data: cut }, left, top };
}

/** The face of a region where it lies in the whole picture. */
export function inWholePicture(face: SeenFace, { left, top }: PictureRegion): SeenFace {
  const moved = (points: Float32Array) => points.map((value, i) => value + (i % 2 === 0 ? left : top));
  const box = { ...face.box, x: face.box.x + left, y: face.box.y + top };
  return { ...face, box, points: moved(face.points), landmarks: face.landmarks && moved(face.landmarks) };
}

/** The plan of a whole picture for one of its regions. */
export function planInRegion({ known, minQuality }: EncodingPlan, { left, top }: PictureRegion): EncodingPlan {
  const moved = known.map(({ box, betterThan }) => ({ box: { ...box, x: box.x - left, y: box.y - top }, betterThan }));
  return { known: moved, minQuality };
}

import type { Similarity } from '../image/warp.ts';
import { fitSimilarity } from './fit-similarity.ts';

/** Points 17–67 of the mean face in a unit square: dlib's `get_face_chip_details` (image_transforms/interpolation.h). */
const MEAN_X = [
  0.000213256, 0.0752622, 0.18113, 0.29077, 0.393397, 0.586856, 0.689483, 0.799124, 0.904991, 0.98004, 0.490127,
  0.490127, 0.490127, 0.490127, 0.36688, 0.426036, 0.490127, 0.554217, 0.613373, 0.121737, 0.187122, 0.265825, 0.334606,
  0.260918, 0.182743, 0.645647, 0.714428, 0.793132, 0.858516, 0.79751, 0.719335, 0.254149, 0.340985, 0.428858, 0.490127,
  0.551395, 0.639268, 0.726104, 0.642159, 0.556721, 0.490127, 0.423532, 0.338094, 0.290379, 0.428096, 0.490127,
  0.552157, 0.689874, 0.553364, 0.490127, 0.42689,
] as const;
const MEAN_Y = [
  0.106454, 0.038915, 0.0187482, 0.0344891, 0.0773906, 0.0773906, 0.0344891, 0.0187482, 0.038915, 0.106454, 0.203352,
  0.307009, 0.409805, 0.515625, 0.587326, 0.609345, 0.628106, 0.609345, 0.587326, 0.216423, 0.178758, 0.179852,
  0.231733, 0.245099, 0.244077, 0.231733, 0.179852, 0.178758, 0.216423, 0.244077, 0.245099, 0.780233, 0.745405,
  0.727388, 0.742578, 0.727388, 0.745405, 0.780233, 0.864805, 0.902192, 0.909281, 0.902192, 0.864805, 0.784792,
  0.778746, 0.785343, 0.778746, 0.784792, 0.824182, 0.831803, 0.824182,
] as const;

/** dlib leaves out the eyebrows (17–26) and the lower lip (55–59, 65–67): they move without the head. */
const FITTED = Array.from({ length: 51 }, (_, i) => i + 17).filter(
  (point) => point > 26 && !(point >= 55 && point <= 59) && point < 65,
);

/** Margin around the mean face as a share of it, as the encoder was trained. */
const PADDING = 0.25;

/**
 * From the pixels of an aligned face chip to the picture's.
 * @param landmarks 136 values x, y in picture pixels.
 * @param side of the chip in pixels.
 */
export function chipToPicture(landmarks: ArrayLike<number>, side: number): Similarity {
  const chip: number[] = [];
  const picture: number[] = [];
  for (const point of FITTED) {
    chip.push(place(MEAN_X, point, side), place(MEAN_Y, point, side));
    picture.push(landmarks[2 * point] ?? 0, landmarks[2 * point + 1] ?? 0);
  }
  return fitSimilarity(chip, picture);
}

function place(mean: readonly number[], point: number, side: number): number {
  // dlib counts pixel centres; half a pixel more in continuous coordinates.
  return (((mean[point - 17] ?? 0) + PADDING) / (1 + 2 * PADDING)) * side + 0.5;
}

import type { Tensor } from '../../engines/inference-engine.ts';
import type { PointedBox } from '../scored-box.ts';
import { YUNET_STRIDES, yunetValues } from './network.ts';

/**
 * Faces of one picture of a batch with a score of at least `minScore`, in input pixels, not yet freed of duplicates. The
 * score is the geometric mean of both that the network gives (OpenCV, `face_detect.cpp`). The points are right eye, left eye,
 * nose tip, right and left corner of the mouth (the person's right is left in the picture).
 * @param outputs in the order of the network's outputs.
 * @param width of the network's input in pixels.
 */
export function decodeYunet(
  outputs: readonly Tensor[],
  batchIndex: number,
  width: number,
  minScore: number,
): PointedBox[] {
  const faces: PointedBox[] = [];
  YUNET_STRIDES.forEach((stride, layer) => {
    const kinds = Object.keys(yunetValues).map((_, kind) => outputs[kind * YUNET_STRIDES.length + layer]);
    const [cls, obj, bbox, kps] = kinds.map((tensor) => tensor?.data ?? new Float32Array());
    const cells = kinds[0]?.shape[1] ?? 0;
    const columns = width / stride;
    const clamped = (value: number | undefined): number => Math.min(Math.max(value ?? 0, 0), 1);
    for (let cell = 0; cell < cells; cell++) {
      const at = batchIndex * cells + cell;
      const score = Math.sqrt(clamped(cls?.[at]) * clamped(obj?.[at]));
      if (score < minScore) continue;
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      const box = (value: number): number => bbox?.[at * yunetValues.bbox + value] ?? 0;
      const boxWidth = Math.exp(box(2)) * stride;
      const boxHeight = Math.exp(box(3)) * stride;
      faces.push({
        x: (column + box(0)) * stride - boxWidth / 2,
        y: (row + box(1)) * stride - boxHeight / 2,
        width: boxWidth,
        height: boxHeight,
        score,
        points: Float32Array.from({ length: yunetValues.kps }, (_, i) => {
          const offset = kps?.[at * yunetValues.kps + i] ?? 0;
          return (offset + (i % 2 === 0 ? column : row)) * stride;
        }),
      });
    }
  });
  return faces;
}

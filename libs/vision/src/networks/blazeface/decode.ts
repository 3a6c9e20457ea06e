import type { Tensor } from '../../engines/inference-engine.ts';
import type { PointedBox } from '../scored-box.ts';
import { BLAZEFACE_INPUT_PX } from './network.ts';

/** Places per cell and cells per side of the two output layers. */
const layers = [
  { cells: 16, places: 2 },
  { cells: 8, places: 6 },
] as const;

const VALUES = 16;

/**
 * Faces of one picture of a batch with a score of at least `minScore`, in input pixels, not yet freed of duplicates.
 * The network gives offsets from the centre of each place's cell, and sizes, both in input pixels. The points are right eye,
 * left eye, nose tip, mouth, right ear, left ear (the person's right is left in the picture).
 * @param outputs logits and regressions in the order of the network's outputs.
 */
export function decodeBlazeface(outputs: readonly Tensor[], batchIndex: number, minScore: number): PointedBox[] {
  const faces: PointedBox[] = [];
  const minLogit = Math.log(minScore / (1 - minScore));
  layers.forEach(({ cells, places }, layer) => {
    const logits = outputs[layer]?.data ?? new Float32Array();
    const regressions = outputs[layer + layers.length]?.data ?? new Float32Array();
    const count = cells * cells * places;
    const cellPx = BLAZEFACE_INPUT_PX / cells;
    for (let i = 0; i < count; i++) {
      const logit = logits[batchIndex * count + i] ?? Number.NEGATIVE_INFINITY;
      if (logit < minLogit) continue;
      const cell = Math.floor(i / places);
      const centreX = ((cell % cells) + 0.5) * cellPx;
      const centreY = (Math.floor(cell / cells) + 0.5) * cellPx;
      const at = (batchIndex * count + i) * VALUES;
      const value = (offset: number): number => regressions[at + offset] ?? 0;
      const [width, height] = [value(2), value(3)];
      const points = Float32Array.from({ length: 12 }, (_, k) => value(4 + k) + (k % 2 === 0 ? centreX : centreY));
      faces.push({
        x: value(0) + centreX - width / 2,
        y: value(1) + centreY - height / 2,
        width,
        height,
        score: 1 / (1 + Math.exp(-logit)),
        points,
      });
    }
  });
  return faces;
}

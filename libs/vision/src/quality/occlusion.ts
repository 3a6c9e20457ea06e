import type { FaceAreas } from './face-geometry.ts';
import { areaIn, type ChipArea, type GreyChip } from './grey-chip.ts';
import { ramp } from './ramp.ts';

/** Added to denominators, in grey values a pixel: keeps flat pictures from dividing by zero. */
const FLAT = 0.5;

/**
 * How much of the eyes and the mouth can be seen, 0 … 100. Open skin around eyes and mouth holds the strongest edges of a
 * face, and they run across it (lids, lips); what covers them is flatter, or has edges in other directions. Limits are
 * set where 1–2 % of lfw-dev's faces lie. It does not see what covers forehead, cheeks or chin alone, nor a cover with
 * such edges of its own: a printed mask, fingers laid across.
 * @param chip of about 20 pixels between the eyes: finer detail would tell sharp faces from blurred ones.
 */
export function visibility(chip: GreyChip, areas: FaceAreas): number {
  const face = edgesIn(chip, areas.face).strength + FLAT;
  const eyes = [areas.rightEye, areas.leftEye].map((eye) => edgesIn(chip, eye));
  const lids = [areas.rightLids, areas.leftLids].map((lids) => edgesIn(chip, lids));
  const mouth = edgesIn(chip, areas.mouth);
  return Math.min(
    ...eyes.map(({ strength }) => ramp(strength / face, 0.2, 0.75)),
    ...lids.map(({ across }) => ramp(across, 0.1, 0.36)),
    ramp(mouth.strength / face, 0.35, 0.85),
    ramp(mouth.across, 0.25, 0.7),
  );
}

/** Mean strength of the edges in an area, and which share of their energy runs across the face, 0 … 1. */
function edgesIn(chip: GreyChip, area: ChipArea): { strength: number; across: number } {
  const { data } = chip;
  const { left, right, top, bottom, stride, count } = areaIn(chip, area);
  let sum = 0;
  let across = 0;
  let along = 0;
  for (let row = top; row < bottom; row++) {
    for (let i = row * stride + left; i < row * stride + right; i++) {
      const x = ((data[i + 1] as number) - (data[i - 1] as number)) / 2;
      const y = ((data[i + stride] as number) - (data[i - stride] as number)) / 2;
      sum += Math.sqrt(x * x + y * y);
      across += y * y;
      along += x * x;
    }
  }
  return { strength: count > 0 ? sum / count : 0, across: across / (across + along + 1) };
}

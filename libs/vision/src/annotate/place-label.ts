import type { Box } from '@latchkey/domain';
import { intersection } from '../detect/overlap.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Where a label of a box goes, inside the picture as far as it fits: above the box, below, in it at the top or the bottom;
 * the first of these that covers no other label, and as little as possible of other faces.
 * @param taken labels that are placed.
 * @param faces boxes of all faces, whole pixels.
 */
export function placeLabel(label: Size, box: Box, picture: Size, taken: readonly Box[], faces: readonly Box[]): Box {
  const within = (x: number, y: number): Box => ({
    ...label,
    x: Math.max(0, Math.min(x, picture.width - label.width)),
    y: Math.max(0, Math.min(y, picture.height - label.height)),
  });
  const right = box.x + box.width - label.width;
  const places = [
    within(box.x, box.y - label.height),
    within(box.x, box.y + box.height),
    within(right, box.y - label.height),
    within(right, box.y + box.height),
    within(box.x, box.y),
    within(box.x, box.y + box.height - label.height),
  ];
  const area = label.width * label.height;
  // Labels weigh more than faces: a name that cannot be read helps nobody.
  const cost = (place: Box): number =>
    10 * sum(taken.map((other) => intersection(place, other))) + sum(faces.map((face) => intersection(place, face)));
  const [first] = places;
  const best = places.reduce((a, b) => (cost(b) < cost(a) - area / 100 ? b : a));
  return best ?? first ?? within(0, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

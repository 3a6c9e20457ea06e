import type { Box } from '@latchkey/domain';

/** Area of the common part of two boxes in square pixels. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Common part of two boxes as a share of what they cover together, 0 … 1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const common = intersection(a, b);
  const union = a.width * a.height + b.width * b.height - common;
  return union > 0 ? common / union : 0;
}

/** Common part as a share of the smaller box, 0 … 1. */
export function intersectionOverSmaller(a: Box, b: Box): number {
  const smaller = Math.min(a.width * a.height, b.width * b.height);
  return smaller > 0 ? intersection(a, b) / smaller : 0;
}

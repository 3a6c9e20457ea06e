import { expect, it } from '@jest/globals';
import { aFace } from '@latchkey/testing';
import { cutRegion, inWholePicture, planInRegion } from './picture-region.ts';

it('cuts an area out of a picture and puts its faces back where they are', () => {
  const data = Uint8Array.from({ length: 8 * 4 * 3 }, (_, i) => Math.floor(i / 3));
  const region = cutRegion({ width: 8, height: 4, data }, { x: 0.5, y: 0.5, width: 0.25, height: 0.5 });
  expect(region).toMatchObject({ left: 4, top: 2, image: { width: 2, height: 2 } });
  expect([...region.image.data.filter((_, i) => i % 3 === 0)]).toEqual([20, 21, 28, 29]);
  const face = aFace([1, 0, 0, 0]);
  const moved = inWholePicture(face, region);
  expect(moved.box).toEqual({ ...face.box, x: face.box.x + 4, y: face.box.y + 2 });
  const plan = { known: [{ box: moved.box, betterThan: 80 }], minQuality: 30 };
  expect(planInRegion(plan, region)).toEqual({ known: [{ box: face.box, betterThan: 80 }], minQuality: 30 });
  expect(moved.points[0]).toBe((face.points[0] ?? 0) + 4);
  expect(moved.points[1]).toBe((face.points[1] ?? 0) + 2);
});

import { describe, expect, it } from '@jest/globals';
import { intersection } from '../detect/overlap.ts';
import { placeLabel } from './place-label.ts';

const picture = { width: 640, height: 480 };
const label = { width: 120, height: 20 };

describe('the place of a label', () => {
  it('is above its box', () => {
    const box = { x: 100, y: 100, width: 80, height: 80 };
    expect(placeLabel(label, box, picture, [], [box])).toEqual({ x: 100, y: 80, ...label });
  });

  it('is below where there is no room above', () => {
    const box = { x: 100, y: 5, width: 80, height: 80 };
    expect(placeLabel(label, box, picture, [], [box]).y).toBe(85);
  });

  it('is in a box that fills the picture', () => {
    const box = { x: 0, y: 0, ...picture };
    expect(placeLabel(label, box, picture, [], [box])).toEqual({ x: 0, y: 0, ...label });
  });

  it('stays inside at the right', () => {
    const box = { x: 600, y: 100, width: 80, height: 80 };
    expect(placeLabel(label, box, picture, [], [box]).x).toBe(520);
  });

  it('covers no other label while there is room', () => {
    const boxes = [0, 60, 120].map((x) => ({ x: 100 + x, y: 100, width: 50, height: 50 }));
    const taken: { x: number; y: number; width: number; height: number }[] = [];
    for (const box of boxes) taken.push(placeLabel(label, box, picture, taken, boxes));
    const [first, second] = taken;
    expect(first && second && intersection(first, second)).toBe(0);
  });
});

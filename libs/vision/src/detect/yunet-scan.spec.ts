import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planScan } from './scan-plan.ts';
import { yunetScan } from './yunet-scan.ts';

const { windowOf, limits } = yunetScan({ minScore: 0.7, maxOverlap: 0.3 });

/** What it is shown of a whole picture. */
const whole = (width: number, height: number, minBoxPx: number) =>
  windowOf({ x: 0, y: (height - width) / 2, side: width }, { width, height }, minBoxPx);

describe('the part of a picture that YuNet is shown', () => {
  it('is a camera frame without a margin, no finer than its smallest face needs', () => {
    expect(whole(640, 480, 40)).toEqual({ x: 0, y: 0, scale: 1.6, width: 416, height: 320 });
  });

  it('is a small picture enlarged to 320 pixels', () => {
    expect(whole(80, 60, 40)).toEqual({ x: 0, y: 0, scale: 0.25, width: 320, height: 256 });
  });

  it('is a large picture at 640 pixels at most, however small its faces', () => {
    expect(whole(4000, 3000, 40)).toEqual({ x: 0, y: 0, scale: 6.25, width: 640, height: 480 });
  });

  it('is within the picture, covers what its tile has of it, and is of a size that the network takes', () => {
    const scene = fc.record({
      width: fc.integer({ min: 8, max: 6000 }),
      height: fc.integer({ min: 8, max: 6000 }),
      minBoxPx: fc.integer({ min: 20, max: 300 }),
    });
    fc.assert(
      fc.property(scene, ({ width, height, minBoxPx }) => {
        for (const tile of planScan(width, height, minBoxPx, limits).flat()) {
          const window = windowOf(tile, { width, height }, minBoxPx);
          expect([window.width % 32, window.height % 32]).toEqual([0, 0]);
          expect(Math.max(window.width, window.height)).toBeLessThanOrEqual(640);
          expect([window.x, window.y]).toEqual([Math.max(tile.x, 0), Math.max(tile.y, 0)]);
          const right = window.x + window.width * window.scale;
          const bottom = window.y + window.height * window.scale;
          expect(right).toBeGreaterThan(Math.min(tile.x + tile.side, width) - 1e-3);
          expect(bottom).toBeGreaterThan(Math.min(tile.y + tile.side, height) - 1e-3);
        }
      }),
      { numRuns: 200 },
    );
  });
});

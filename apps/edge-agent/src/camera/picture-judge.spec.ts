import { describe, expect, it } from '@jest/globals';
import type { RgbImage } from '@latchkey/domain';
import { countedCells, lumaGrid } from './luma-grid.ts';
import { PictureJudge, type PictureState } from './picture-judge.ts';

const width = 160;
const height = 120;
// Jest looks a global up for a whole microsecond.
const { floor, imul, max, min, round } = Math;

/** A picture by the brightness of its pixels, with noise of so many levels in each direction, the same for the same seed. */
function picture(luma: (x: number, y: number) => number, noise: number, seed: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed + 1;
  for (let i = 0; i < width * height; i++) {
    // Numerical Recipes' generator: enough for noise.
    state = (imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = luma(i % width, floor(i / width)) + ((state >>> 8) / 2 ** 23 - 1) * noise;
    data[i * 3] = data[i * 3 + 1] = data[i * 3 + 2] = max(0, min(255, round(value)));
  }
  return { width, height, data };
}

const room = (x: number, y: number) => (x > 50 && x < 80 && y > 30 ? 190 : 70 + ((x >> 3) + (y >> 3)) * 3);
const clockOver = (second: number) => (x: number, y: number) =>
  x > 145 && y < 5 && (x + second) % 3 === 0 ? 255 : room(x, y);

/** What is said after so many seconds of pictures, two a second. */
function after(
  seconds: number,
  show: (i: number) => RgbImage,
  masks: Parameters<typeof countedCells>[1] = [],
): PictureState {
  const judge = new PictureJudge({ coveredMs: 10_000, frozenMs: 30_000 }, countedCells(null, masks));
  let state: PictureState = 'unsure';
  for (let i = 0; i <= seconds * 2; i++) state = judge.look(lumaGrid(show(i)), i * 500);
  return state;
}

describe('a camera', () => {
  it('that looks at an empty room is as it should be, for hours: its noise tells', () => {
    expect(after(60, (i) => picture(room, 1, i))).toBe('ok');
  });

  it('is frozen when exactly the same comes for half a minute, also under a clock that runs', () => {
    expect(after(29, () => picture(room, 2, 1))).toBe('unsure');
    expect(after(31, () => picture(room, 2, 1))).toBe('frozen');
    expect(after(31, (i) => picture(clockOver(i), 0, 1))).toBe('frozen');
  });

  it.each([
    ['black', () => 2, 2],
    ['white', () => 250, 3],
    ['a noisy night', () => 12, 12],
    ['a hand', (x: number, y: number) => 40 + x / 6 + y / 10, 2],
  ])('is covered when it shows nothing but %s for ten seconds', (_, luma, noise) => {
    expect(after(9, (i) => picture(luma, noise, i))).toBe('unsure');
    expect(after(11, (i) => picture(luma, noise, i))).toBe('covered');
  });

  it('is covered when all is that no mask hides', () => {
    const half = (x: number, y: number) => (x < width / 2 ? 0 : 30 + y / 50);
    expect(after(11, (i) => picture((x) => (x < width / 2 ? 200 : 30), 1, i))).toBe('ok');
    expect(after(11, (i) => picture(half, 1, i), [{ x: 0, y: 0, width: 0.5, height: 1 }])).toBe('covered');
  });

  it('is not told to see again before it has shown something new', () => {
    const judge = new PictureJudge({ coveredMs: 10_000, frozenMs: 30_000 }, countedCells(null, []));
    const still = lumaGrid(picture(room, 2, 1));
    judge.look(still, 0);
    expect(judge.look(still, 31_000)).toBe('frozen');
    judge.reset();
    expect(judge.look(still, 32_000)).toBe('unsure');
    expect(judge.look(still, 33_000)).toBe('unsure');
    expect(judge.look(lumaGrid(picture(room, 2, 2)), 34_000)).toBe('ok');
  });
});

import { describe, expect, it } from '@jest/globals';
import { fivePointsOf } from '../align/five-points.ts';
import type { FaceObservation } from './face-analyzer.ts';
import type { LocatedFace } from './face-encoder.ts';
import { assessFace } from './face-quality.ts';
import { singleFace } from './single-face.ts';

const picture = { width: 400, height: 400 };

/** Eyes, nose and mouth of a frontal face; `turn` moves the nose sideways. */
function landmarks({ scale = 1, turn = 0, offset = 100 } = {}): LocatedFace {
  const points = new Float32Array(136).fill(offset + 30 * scale);
  const put = (from: number, to: number, x: number, y: number): void => {
    for (let i = from; i < to; i++) points.set([offset + x * scale, offset + y * scale], 2 * i);
  };
  put(36, 42, 0, 0);
  put(42, 48, 60, 0);
  put(30, 31, 30 + turn, 36);
  put(48, 49, 10, 60);
  put(54, 55, 50, 60);
  return { points: fivePointsOf(points), landmarks: points };
}

/** A chip of soft or hard stripes around a brightness. */
function chip({ mean = 120, contrast = 60, period = 6 } = {}) {
  const data = Float32Array.from(
    { length: 150 * 150 },
    (_, i) => mean + contrast * Math.sin(((i % 150) * 2 * Math.PI) / period),
  );
  return { side: 150, data };
}

describe('assessFace', () => {
  it('finds nothing wrong with a sharp, well lit, frontal face', () => {
    const quality = assessFace(chip(), landmarks(), picture);
    expect(quality.reasons).toEqual([]);
    expect(quality.score).toBeGreaterThan(90);
    expect(quality.interEyePx).toBeCloseTo(60);
  });

  it.each([
    ['too-small', chip(), landmarks({ scale: 0.2 })],
    ['blurred', chip({ period: 60 }), landmarks()],
    ['too-dark', chip({ mean: 20, contrast: 15 }), landmarks()],
    ['too-bright', chip({ mean: 240, contrast: 12 }), landmarks()],
    ['low-contrast', chip({ contrast: 4 }), landmarks()],
    ['turned-away', chip(), landmarks({ turn: 35 })],
    ['cut-off', chip(), landmarks({ offset: -31 })],
  ])('calls a face %s', (reason, grey, points) => {
    const quality = assessFace(grey, points, picture);
    expect(quality.reasons).toContain(reason);
    expect(quality.score).toBeLessThan(65);
  });
});

describe('singleFace', () => {
  const face = (width: number): FaceObservation => ({
    box: { x: 0, y: 0, width, height: width },
    score: 1,
    points: new Float32Array(10),
    landmarks: null,
    encoding: { modelId: 'm', values: new Float32Array(128) },
    quality: { score: 100, sharpness: 100, exposure: 100, pose: 100, interEyePx: 60, reasons: [] },
    liveness: null,
  });

  it('gives the one face, or the first of several when the largest is wanted', () => {
    expect(singleFace([face(50)], { source: 'a.jpg' }).box.width).toBe(50);
    expect(singleFace([face(50), face(40)], { source: 'a.jpg', largest: true }).box.width).toBe(50);
  });

  it('says what is wrong with the picture and what to do', () => {
    expect(() => singleFace([], { source: 'a.jpg' })).toThrow(expect.objectContaining({ code: 'no-face' }));
    const several = (): unknown => singleFace([face(50), face(40), face(30)], { source: 'team.jpg' });
    expect(several).toThrow(expect.objectContaining({ code: 'several-faces', details: { faces: 3 } }));
    expect(several).toThrow('3 faces in "team.jpg"; use a picture of one person, or pass --largest.');
  });
});

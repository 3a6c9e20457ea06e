import { describe, expect, it } from '@jest/globals';
import type { FaceQuality, QualityComponent } from '@latchkey/domain';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { type DrawnFaceOptions, drawnFace } from './drawn-face.ts';
import { assessFace } from './face-quality.ts';

function judge(options: DrawnFaceOptions = {}): FaceQuality {
  const { image, points } = drawnFace(options);
  return assessFace(new ImagePyramid(image), points);
}

/** Every fault in degrees that grow, from a good face on. */
const faults: readonly [QualityComponent, string, readonly DrawnFaceOptions[]][] = [
  ['sharpness', 'blurred', [0.6, 1.5, 2.5, 4, 6].map((blur) => ({ blur }))],
  ['exposure', 'too-dark', [1, 0.4, 0.3, 0.2, 0.1].map((light) => ({ light }))],
  ['exposure', 'too-bright', [1, 1.6, 1.8, 2.5, 4].map((light) => ({ light }))],
  ['pose', 'turned-away', [0, 15, 25, 35, 45].map((yaw) => ({ yaw }))],
  ['size', 'too-small', [40, 30, 24, 18, 14].map((eyesPx) => ({ eyesPx }))],
  ['framing', 'cut-off', [0, 1.3, 1.5, 1.7, 2].map((left) => ({ left }))],
];

describe('the quality of a face', () => {
  it('is full for a sharp, well lit, frontal and open one', () => {
    const { score, reasons, measures } = judge();
    expect(reasons).toEqual([]);
    expect(score).toBeGreaterThan(90);
    expect(measures.interEyePx).toBeCloseTo(40, 4);
    expect(measures.yawDegrees).toBeCloseTo(0, 4);
  });

  it.each(faults)('falls in %s, step by step, until the face is %s', (component, reason, steps) => {
    const judged = steps.map(judge);
    const values = judged.map(({ components }) => components[component]);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[0]).toBeGreaterThan(90);
    expect(values.at(-1)).toBeLessThan(20);
    expect(judged[0]?.reasons).toEqual([]);
    expect(judged.at(-1)?.reasons).toContain(reason);
    expect(judged.at(-1)?.score).toBeLessThan(50);
  });

  it.each([
    ['a mask', (_: number, down: number) => down > 0.5],
    [
      'glasses that nobody can see through',
      (across: number, down: number) => Math.abs(down) < 0.25 && Math.abs(across) < 0.9,
    ],
    ['a patch on the right eye', (across: number, down: number) => Math.hypot(across + 0.5, down) < 0.35],
    ['a patch on the left eye', (across: number, down: number) => Math.hypot(across - 0.5, down) < 0.35],
    ['a wall before half of it', (across: number) => across > 0.05],
  ])('falls in occlusion for %s, and in nothing else by much', (_, covered) => {
    const open = judge();
    const hidden = judge({ covered });
    expect(hidden.components.occlusion).toBeLessThan(50);
    expect(hidden.reasons).toEqual(['covered']);
    for (const component of ['exposure', 'pose', 'size', 'framing'] as const) {
      expect(Math.abs(hidden.components[component] - open.components[component])).toBeLessThan(30);
    }
  });

  it('keeps its other components when one falls', () => {
    const open = judge().components;
    for (const [component, , steps] of faults.filter(([name]) => name !== 'pose' && name !== 'framing')) {
      const { components } = judge(steps[2]);
      for (const other of ['pose', 'size', 'framing', 'exposure', 'sharpness'] as const) {
        if (other !== component) expect(Math.abs(components[other] - open[other])).toBeLessThan(30);
      }
    }
  });

  it('is next to nothing, not an error, for points that are no face', () => {
    const { image } = drawnFace();
    const { score, components } = assessFace(new ImagePyramid(image), new Float32Array(10));
    expect(components.size).toBe(0);
    expect(score).toBeLessThan(30);
  });
});

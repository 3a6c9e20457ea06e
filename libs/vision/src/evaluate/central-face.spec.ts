import { describe, expect, it } from '@jest/globals';
import { aQuality } from '@latchkey/testing';
import type { FaceObservation } from '../analyze/face-analyzer.ts';
import { centralFace } from './central-face.ts';

const face = (x: number, y: number, size: number): FaceObservation => ({
  box: { x, y, width: size, height: size },
  score: 1,
  points: new Float32Array(10),
  landmarks: null,
  encoding: { modelId: 'm', values: new Float32Array(128) },
  quality: aQuality(),
  liveness: null,
});

describe('the face of a picture with bystanders', () => {
  it('is the one in the middle, not the largest', () => {
    const middle = face(85, 85, 80);
    expect(centralFace([face(0, 0, 120), middle, face(180, 90, 60)], { width: 250, height: 250 })).toBe(middle);
  });

  it('is none when there is none', () => {
    expect(centralFace([], { width: 250, height: 250 })).toBeUndefined();
  });
});

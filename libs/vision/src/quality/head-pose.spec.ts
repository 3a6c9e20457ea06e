import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AVERAGE_HEAD, headPose } from './head-pose.ts';

/** An average head turned, nodded and tilted (degrees), as a camera far away sees it. */
function seen(yaw: number, pitch: number, roll: number, eyesPx = 50): Float32Array {
  const [a, b, c] = [yaw, -pitch, roll].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  return Float32Array.from(
    AVERAGE_HEAD.flatMap(([x, y, z]) => {
      const nodded = [x, y * Math.cos(b) + z * Math.sin(b), z * Math.cos(b) - y * Math.sin(b)] as const;
      const turned = [nodded[0] * Math.cos(a) + nodded[2] * Math.sin(a), nodded[1]] as const;
      const tilted = [
        turned[0] * Math.cos(c) - turned[1] * Math.sin(c),
        turned[0] * Math.sin(c) + turned[1] * Math.cos(c),
      ];
      return tilted.map((value) => 200 + eyesPx * (value ?? 0));
    }),
  );
}

describe('headPose', () => {
  it('finds the angles of an average head again', () => {
    const angle = fc.double({ min: -45, max: 45, noNaN: true });
    fc.assert(
      fc.property(angle, angle, angle, fc.double({ min: 20, max: 300, noNaN: true }), (yaw, pitch, roll, eyesPx) => {
        const found = headPose(seen(yaw, pitch, roll, eyesPx));
        expect(found.pose.yaw).toBeCloseTo(yaw, 2);
        expect(found.pose.pitch).toBeCloseTo(pitch, 2);
        expect(found.pose.roll).toBeCloseTo(roll, 2);
        expect(found.eyesPx / eyesPx).toBeCloseTo(1, 3);
      }),
    );
  });

  it('counts the nose to the right, the look up and the clockwise tilt as positive', () => {
    const points = seen(20, 15, 10);
    // The nose, from the middle between the eyes, and the left eye below the right one.
    expect(points[4]).toBeGreaterThan(((points[0] ?? 0) + (points[2] ?? 0)) / 2);
    expect(points[3]).toBeGreaterThan(points[1] ?? 0);
    const { pose } = headPose(points);
    expect(Math.min(pose.yaw, pose.pitch, pose.roll)).toBeGreaterThan(5);
  });

  it('turns the other way in a mirror', () => {
    const points = seen(30, 10, 0);
    const mirrored = [2, 3, 0, 1, 4, 5, 8, 9, 6, 7].map((i) =>
      i % 2 === 0 ? 400 - (points[i] ?? 0) : (points[i] ?? 0),
    );
    expect(headPose(mirrored).pose.yaw).toBeCloseTo(-headPose(points).pose.yaw, 1);
    expect(headPose(mirrored).pose.pitch).toBeCloseTo(headPose(points).pose.pitch, 1);
  });

  it('says so when the points are no face', () => {
    expect(headPose(new Float32Array(10))).toEqual({ pose: { yaw: 90, pitch: 90, roll: 90 }, eyesPx: 0 });
  });
});

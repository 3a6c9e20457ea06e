import { describe, expect, it } from '@jest/globals';
import type { FaceQuality, QualityComponent } from './face-quality.ts';
import { assertEnrollable, qualityFaults, qualityPolicies } from './quality-policy.ts';

function quality(components: Partial<FaceQuality['components']> = {}, brightness = 130): FaceQuality {
  return {
    score: 60,
    components: { sharpness: 90, exposure: 90, pose: 90, size: 90, occlusion: 90, framing: 90, ...components },
    measures: { interEyePx: 60, yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0, brightness },
    reasons: [],
  };
}

const components = Object.keys(qualityPolicies.enrolment) as QualityComponent[];

describe('what is asked of a face', () => {
  it.each(components)('is more for enrolment than for a probe: %s', (component) => {
    expect(qualityPolicies.enrolment[component]).toBeGreaterThan(qualityPolicies.probe[component]);
  });

  it.each(components)('is the least value itself, and nothing below: %s', (component) => {
    const least = qualityPolicies.enrolment[component];
    expect(qualityFaults(quality({ [component]: least }), qualityPolicies.enrolment)).toEqual([]);
    expect(qualityFaults(quality({ [component]: least - 1 }), qualityPolicies.enrolment)).toHaveLength(1);
    expect(qualityFaults(quality({ [component]: Number.NaN }), qualityPolicies.enrolment)).toHaveLength(1);
  });

  it('is told with the worst fault first', () => {
    const faults = qualityFaults(quality({ pose: 30, sharpness: 10, size: 20 }), qualityPolicies.enrolment);
    expect(faults).toEqual(['blurred', 'too-small', 'turned-away']);
  });

  it.each([
    [30, 'too-dark'],
    [230, 'too-bright'],
    [130, 'low-contrast'],
  ])('tells by the brightness %d what is wrong with the light: %s', (brightness, reason) => {
    expect(qualityFaults(quality({ exposure: 5 }, brightness), qualityPolicies.probe)).toEqual([reason]);
  });
});

describe('assertEnrollable', () => {
  it('takes a good face', () => {
    expect(() => assertEnrollable(quality(), 'face.jpg')).not.toThrow();
  });

  it('says in words and codes what is wrong with another, and what to do', () => {
    const judge = (): void => assertEnrollable(quality({ sharpness: 10, occlusion: 5 }), 'face.jpg');
    expect(judge).toThrow(
      'The face in "face.jpg" is not good enough: the eyes or the mouth are covered, the face is blurred (quality 60 of 100). Use a sharp, well lit picture of an open face that looks into the camera.',
    );
    expect(judge).toThrow(
      expect.objectContaining({ code: 'low-quality', details: { reasons: ['covered', 'blurred'] } }),
    );
  });
});

import { LatchkeyError } from './errors.ts';
import {
  type FaceQuality,
  type QualityComponent,
  type QualityComponents,
  type QualityReason,
  wordsOfQuality,
} from './face-quality.ts';

/** What a face must be at least, component by component, 0 … 100 each. */
export type QualityPolicy = QualityComponents;

/** What is asked of a face. */
export interface QualityPolicies {
  /** To be remembered by: everything that is recognised later is compared to it. */
  readonly enrolment: QualityPolicy;
  /** To be compared: below that a "no" says nothing. */
  readonly probe: QualityPolicy;
}

/** Set on lfw-dev; which share of its faces and of others passes: `docs/quality.md`. */
export const qualityPolicies: QualityPolicies = {
  enrolment: { sharpness: 50, exposure: 50, pose: 40, size: 50, occlusion: 45, framing: 55 },
  probe: { sharpness: 15, exposure: 15, pose: 10, size: 20, occlusion: 10, framing: 20 },
};

/** Brightness of a face from which on it is dark rather than flat, and the one from which on it is bright. */
const darkBelow = 62;
const brightAbove = 205;

/** What a policy has against a face, the worst first; empty when it passes. */
export function qualityFaults(
  { components, measures, reasons }: Pick<FaceQuality, 'components' | 'measures' | 'reasons'>,
  policy: QualityPolicy,
): QualityReason[] {
  const light = (): QualityReason => {
    const known = reasons.find((reason) => ['too-dark', 'too-bright', 'low-contrast'].includes(reason));
    if (known) return known;
    if (measures.brightness < darkBelow) return 'too-dark';
    return measures.brightness > brightAbove ? 'too-bright' : 'low-contrast';
  };
  const codes: Readonly<Record<QualityComponent, () => QualityReason>> = {
    sharpness: () => 'blurred',
    exposure: light,
    pose: () => 'turned-away',
    size: () => 'too-small',
    occlusion: () => 'covered',
    framing: () => 'cut-off',
  };
  return (
    (Object.keys(policy) as QualityComponent[])
      // Negated, so that a quality of NaN is a fault.
      .filter((component) => !(components[component] >= policy[component]))
      .sort((a, b) => components[a] - components[b])
      .map((component) => codes[component]())
  );
}

/**
 * Refuses to make a person known by a face that is too bad.
 * @param source what the picture is called in the message.
 * @throws LatchkeyError `low-quality`; `details.reasons` has the codes.
 */
export function assertEnrollable(quality: FaceQuality, source: string): void {
  const reasons = qualityFaults(quality, qualityPolicies.enrolment);
  if (reasons.length === 0) return;
  throw new LatchkeyError(
    'low-quality',
    `The face in "${source}" is not good enough: ${wordsOfQuality(reasons)} (quality ${quality.score} of 100). Use a sharp, well lit picture of an open face that looks into the camera.`,
    { details: { reasons } },
  );
}

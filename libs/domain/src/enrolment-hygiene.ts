import { squaredDistance } from './encoding.ts';
import { type ErrorCode, LatchkeyError } from './errors.ts';

/** What may speak against enrolling a face, in the order in which it is told; also the codes of the errors that tell it. */
export const enrolmentWarningCodes = ['near-another-person', 'far-from-own-photos'] as const satisfies ErrorCode[];
export type EnrolmentWarningCode = (typeof enrolmentWarningCodes)[number];

/** What speaks against enrolling one face. */
export type EnrolmentWarning =
  | {
      readonly code: 'near-another-person';
      readonly nearestPersonId: string;
      readonly distance: number;
      /** Up to this distance a face counts as near another person. */
      readonly limit: number;
    }
  | {
      readonly code: 'far-from-own-photos';
      /** To the nearest of the person's faces, or of the other new ones while none is enrolled. */
      readonly distance: number;
      /** Up to this distance a face counts as the person's. */
      readonly limit: number;
    };

/** The nearest face of anybody else. */
export interface OtherPerson {
  readonly personId: string;
  readonly distance: number;
}

/** A face to be enrolled, and the nearest face of anybody else (null: nobody else is enrolled). */
export interface FaceToJudge {
  readonly values: Float32Array;
  readonly other: OtherPerson | null;
}

/** Faces to be enrolled for one person; all encodings are of one model. */
export interface Enrolment {
  readonly faces: readonly FaceToJudge[];
  /** The faces that the person is enrolled with already. */
  readonly own: readonly Float32Array[];
  /** How many other people have a face. */
  readonly otherPeople: number;
}

/** Limits out of the model's card. Distances are Euclidean. */
export interface HygieneLimits {
  /** What one person's faces are apart at most, in a 1:1 verification. */
  readonly maxDistance: number;
  /** Up to which distance a door takes a face for somebody's. */
  readonly identifyMaxDistance: number;
  /** How much nearer the best person must be than the next. */
  readonly minMargin: number;
}

/**
 * As many people a face may meet at `identifyMaxDistance` before chance neighbours are more than a few: measured with the
 * default encoder on lfw-dev, 4 % of new faces meet one among 100 strangers, 14 % among 1,000.
 */
const peopleOfLimit = 100;

/**
 * What speaks against enrolling faces, for each of them; an empty list for a good one.
 *
 * `near-another-person`: a door would take the face for another person's, for it is within `identifyMaxDistance` of one of theirs
 * and the person's enrolled faces are not nearer by `minMargin`. One person is enrolled twice then, the name is wrong, or they
 * are alike. Among more than {@link peopleOfLimit} people the limit falls, for every tenfold by as much as `identifyMaxDistance`
 * is below `maxDistance` (about a tenth of the false matches): else every new face would be near somebody in a large gallery.
 *
 * `far-from-own-photos`: 1:1 verification would refuse the face. Faces whose distance is at most `maxDistance` are linked, the
 * new ones among each other too, and the person's are those that are linked with an enrolled one; while none is enrolled, those of
 * the one largest group (none, when two are as large: then nobody can know who is meant).
 */
export function judgeEnrolment(
  { faces, own, otherPeople }: Enrolment,
  limits: HygieneLimits,
): (readonly EnrolmentWarning[])[] {
  const values = faces.map((face) => face.values);
  const theirs =
    own.length > 0 ? linkedWith(own, values, limits.maxDistance) : largestGroup(values, limits.maxDistance);
  const limit = nearLimit(otherPeople, limits);
  return faces.map(({ values: face, other }) => {
    const warnings: EnrolmentWarning[] = [];
    if (other && !(other.distance > limit) && !(other.distance - nearest(face, own) >= limits.minMargin)) {
      warnings.push({
        code: 'near-another-person',
        nearestPersonId: other.personId,
        distance: other.distance,
        limit,
      });
    }
    if (!theirs.has(face)) {
      const beside = own.length > 0 ? own : values.filter((another) => another !== face);
      warnings.push({ code: 'far-from-own-photos', distance: nearest(face, beside), limit: limits.maxDistance });
    }
    return warnings;
  });
}

/**
 * The error that tells a warning and what to do.
 * @param source what the picture is called.
 * @param nameOf what people are called, by id; the caller answers for who gets to read it.
 */
export function enrolmentRefusal(
  warning: EnrolmentWarning,
  source: string,
  nameOf: (personId: string) => string,
): LatchkeyError {
  const apart = `distance ${warning.distance.toFixed(2)}, limit ${warning.limit.toFixed(2)}`;
  const message =
    warning.code === 'near-another-person'
      ? `The face in "${source}" is like that of ${nameOf(warning.nearestPersonId)} (${apart}). Check the name, and that nobody is enrolled twice; if they are two people who look alike, enrol it anyway.`
      : `The face in "${source}" is not like the person's other photos (${apart}). Check that it shows the right person; if it does, use a better picture or enrol it anyway.`;
  const { code, ...details } = warning;
  return new LatchkeyError(code, message, { details });
}

function nearLimit(people: number, { maxDistance, identifyMaxDistance }: HygieneLimits): number {
  const tenfolds = Math.log10(Math.max(people, peopleOfLimit) / peopleOfLimit);
  return identifyMaxDistance - tenfolds * Math.max(0, maxDistance - identifyMaxDistance);
}

/** Those of `faces` that hang together with `seeds`, over links of at most `maxDistance`. */
function linkedWith(
  seeds: readonly Float32Array[],
  faces: readonly Float32Array[],
  maxDistance: number,
): ReadonlySet<Float32Array> {
  const linked = new Set<Float32Array>();
  const open = [...seeds];
  for (let from = open.pop(); from; from = open.pop()) {
    for (const face of faces) {
      if (linked.has(face) || !(Math.sqrt(squaredDistance(from, face)) <= maxDistance)) continue;
      linked.add(face);
      open.push(face);
    }
  }
  return linked;
}

/** The largest of the groups that hang together; empty when there are two of that size. */
function largestGroup(faces: readonly Float32Array[], maxDistance: number): ReadonlySet<Float32Array> {
  const groups: ReadonlySet<Float32Array>[] = [];
  for (const face of faces) {
    if (!groups.some((group) => group.has(face))) groups.push(linkedWith([face], faces, maxDistance));
  }
  const [first, second] = groups.sort((a, b) => b.size - a.size);
  return first && first.size !== second?.size ? first : new Set();
}

function nearest(face: Float32Array, others: readonly Float32Array[]): number {
  return Math.sqrt(Math.min(...others.map((other) => squaredDistance(face, other))));
}

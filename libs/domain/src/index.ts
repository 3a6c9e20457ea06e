export {
  type ClockPolicy,
  type ClockReading,
  type ClockTrust,
  confirmClock,
  defaultClockPolicy,
  isClockTrusted,
  unconfirmedClock,
} from './clock-trust.ts';
export {
  type Admission,
  type DecisionContext,
  type DecisionOutcome,
  decideFace,
  denyFor,
  type FaceDecision,
  isNews,
  type ReasonCode,
} from './decision.ts';
export {
  type DoorAlarm,
  type DoorContact,
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorPolicy,
  type DoorState,
  type DoorStep,
  lockedDoor,
  type MonotonicMs,
  stepDoor,
} from './door-machine.ts';
export {
  distance,
  type Encoding,
  encodingFromBytes,
  encodingToBytes,
  type ModelId,
  squaredDistance,
} from './encoding.ts';
export {
  type Enrolment,
  type EnrolmentWarning,
  type EnrolmentWarningCode,
  enrolmentRefusal,
  enrolmentWarningCodes,
  type FaceToJudge,
  type HygieneLimits,
  judgeEnrolment,
  type OtherPerson,
} from './enrolment-hygiene.ts';
export { type ErrorCode, errorCodes, isLatchkeyError, LatchkeyError, type LatchkeyErrorOptions } from './errors.ts';
export { bodyHashOf, uuidV4, uuidV7 } from './event-identity.ts';
export {
  type FaceQuality,
  type QualityComponent,
  type QualityComponents,
  type QualityMeasures,
  type QualityReason,
  qualityReasonWords,
  wordsOfQuality,
} from './face-quality.ts';
export { castVote, type FaceVote, type FaceVotes, noVotes, type Tally, tally } from './face-votes.ts';
export {
  applyOperations,
  type ChangeVerdict,
  contentHashOf,
  contentHashOfRows,
  encodingRowHash,
  type GalleryChange,
  type GalleryContent,
  type GalleryEncoding,
  type GalleryHead,
  type GalleryOperation,
  type GalleryPerson,
  genesisHash,
  judgeChange,
  logHashAfter,
  personRowHash,
} from './gallery-log.ts';
export { canonicalJson, hashOf, sha256Hex } from './hash.ts';
export {
  type FaceMatch,
  judgeNearest,
  type MatchPolicyName,
  type MatchReason,
  type MatchRule,
  type MatchWishes,
  type ModelDefaults,
  matchRuleOf,
  type NearestPerson,
} from './match-policy.ts';
export type { Box, Camera, Clock, Door, EpochMs, Frame, RgbImage } from './ports.ts';
export {
  assertEnrollable,
  type QualityPolicies,
  type QualityPolicy,
  qualityFaults,
  qualityPolicies,
} from './quality-policy.ts';
export { type SeedAnswer, type SeedCandidate, seedMaxDistance, seedVerify, seedWhoIsIt } from './seed-policy.ts';
export { seedVerifyPair, seedVerifyWords, seedWhoIsItWords } from './seed-policy-words.ts';
export { inRanges, type SequenceRange, toRanges } from './sequence-ranges.ts';

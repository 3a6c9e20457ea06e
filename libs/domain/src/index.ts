export {
  carriedAccess,
  type DoorRules,
  freeAccess,
  type PersonAccess,
  type TimeOfDecision,
  type ValidityRefusal,
  validityRefusal,
} from './access.ts';
export {
  type ChallengeEvent,
  type ChallengeFailure,
  type ChallengeKind,
  type ChallengeState,
  challengeHoldsMs,
  challengeKinds,
  challengeMs,
  type FacePosture,
  isChallengeMet,
  isOpenChallenge,
  isRestPosture,
  postureOf,
  postureOfFive,
  startChallenge,
  stepChallenge,
} from './active-liveness.ts';
export { hasPassed, noPassages, type Passages, recordPassage, resumePassages } from './anti-passback.ts';
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
  answerChallenge,
  type BootMs,
  type ChallengeBook,
  type ChallengedCommand,
  type ChallengeVerdict,
  challengeValidMs,
  emptyChallengeBook,
  issueChallenge,
} from './command-challenges.ts';
export { hasCompanion, nobodyReady, type ReadyPerson, type ReadyPersons, recordReady } from './companions.ts';
export {
  type DecisionContext,
  type DecisionOutcome,
  type DoorHistory,
  decideFace,
  denyFor,
  type FaceDecision,
  type FaceSubject,
  failuresOf,
  isNews,
  isReady,
  type ReasonCode,
} from './decision.ts';
export {
  type DoorAlarm,
  type DoorContact,
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorOrigin,
  type DoorPolicy,
  type DoorState,
  type DoorStep,
  doorOrigins,
  isLiveGrant,
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
  allClaims,
  isLockedOut,
  type LockOutEntry,
  type LockOutKey,
  type LockOuts,
  noLockOuts,
  recordFailure,
  recordSuccess,
  resumeLockOuts,
} from './lock-out.ts';
export {
  type FaceMatch,
  judgeClaim,
  judgeNearest,
  type MatchPolicyName,
  type MatchReason,
  type MatchRule,
  type MatchWishes,
  type ModelDefaults,
  matchRuleOf,
  type NearestPerson,
} from './match-policy.ts';
export type { Box, Camera, Clock, Door, DoorInput, DoorInputs, EpochMs, Frame, RgbImage } from './ports.ts';
export {
  assertEnrollable,
  type QualityPolicies,
  type QualityPolicy,
  qualityFaults,
  qualityPolicies,
} from './quality-policy.ts';
export {
  type DayPeriod,
  isTimeZone,
  isWithinSchedule,
  type Schedule,
  type ScheduleException,
  type WeeklyPeriod,
} from './schedule.ts';
export { type SeedAnswer, type SeedCandidate, seedMaxDistance, seedVerify, seedWhoIsIt } from './seed-policy.ts';
export { seedVerifyPair, seedVerifyWords, seedWhoIsItWords } from './seed-policy-words.ts';
export { inRanges, type SequenceRange, toRanges } from './sequence-ranges.ts';

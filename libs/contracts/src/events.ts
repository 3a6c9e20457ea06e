import { type ChallengeKind, challengeKinds, doorOrigins } from '@latchkey/domain';
import { z } from 'zod';
import { base64, instant, sha256, slug, uuid } from './identifiers.ts';

/**
 * What an event tells. `verification`: a decision about a person whom the device knows, at a door. `recognition`: a known
 * person seen where no door asks for a decision. `unknown`: a face that is nobody's in the gallery. `spoof`: not a live face.
 * `door`: what the actuator did. `health`: a state of the device. `tamper`: an attempt to deceive. `dropped`: events that the
 * outbox had to give up.
 */
export const eventKinds = [
  'verification',
  'recognition',
  'unknown',
  'spoof',
  'door',
  'health',
  'tamper',
  'dropped',
] as const;
export const eventKind = z.enum(eventKinds);
export type EventKind = z.infer<typeof eventKind>;

/** Outcome of a decision (DESIGN.md §4). */
export const decisions = ['granted', 'denied', 'unknown', 'spoof', 'not-evaluated'] as const;
export const decision = z.enum(decisions);
export type Decision = z.infer<typeof decision>;

/** Why a decision is what it is. The one list of reason codes, with the sentence that people are shown. */
export const reasonSentences = {
  matched: 'The face matches the person within the allowed distance.',
  'too-far': 'The nearest person is further away than the allowed distance.',
  'narrow-margin': 'Two persons are almost equally near.',
  'empty-gallery': 'The device holds no encodings.',
  'claim-not-met': 'The face is not the one of the claimed person.',
  'few-votes': 'Too few frames of this face agree.',
  'low-quality': 'The face is too small, blurred, dark or turned away.',
  'not-live': 'The face does not look like a live one.',
  'liveness-unknown': 'Whether the face is a live one could not be measured.',
  'challenge-open': 'The person was asked to move, and has not done it yet.',
  'challenge-failed': 'What was asked of the person was not done in time.',
  'not-yet-valid': "The person's right to enter has not begun.",
  expired: "The person's right to enter has ended.",
  'outside-schedule': 'The person may not enter at this time.',
  'schedule-unknown': "The device does not know the person's schedule.",
  'passed-recently': 'The person was let in here a short time ago.',
  'locked-out': 'There were too many failed attempts as this person.',
  'second-person-missing': 'The person needs a second one beside them.',
  duress: 'The person enters under threat: silent alarm.',
  'clock-untrusted': 'The clock of the device is not trusted, so schedules cannot be kept.',
  'gallery-locked': 'The device has been offline too long or its gallery is damaged.',
  'storage-failed': 'The event could not be written to disk, so the door stays shut.',
  'door-failed': 'The actuator of the door did not answer.',
  'model-changed': 'The gallery belongs to another model than the device runs.',
} as const;
export const reason = z.enum(
  Object.keys(reasonSentences) as [keyof typeof reasonSentences, ...(keyof typeof reasonSentences)[]],
);
export type Reason = z.infer<typeof reason>;

/** A face's box in pixels of the frame, from its upper left corner; may reach over the edge. */
export const faceBox = z.strictObject({
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});

/** Body of `verification`, `recognition`, `unknown` and `spoof`: one presence of one face before a camera. */
export const faceBody = z.strictObject({
  personId: uuid.nullable(),
  claimedPersonId: uuid.nullable(),
  /** Euclidean distance to the nearest encoding, null when there was none. */
  distance: z.number().min(0).nullable(),
  maxDistance: z.number().positive(),
  /** Distance of the best other person minus `distance`, null when there is no other. */
  margin: z.number().nullable(),
  decision,
  reasons: z.array(reason).max(16),
  /** Probability of a live face, 0–1; null where liveness is not measured. */
  liveness: z.number().min(0).max(1).nullable(),
  /** Face quality, 0–100. */
  quality: z.number().min(0).max(100).nullable(),
  modelId: z.string().min(1).max(200),
  galleryRevision: z.number().int().min(0),
  trackId: uuid,
  /** Which of the device's cameras saw it. */
  cameraId: slug.optional(),
  box: faceBox,
  snapshotId: uuid.nullable(),
  /** The face's encoding, little-endian float32 in base64: only for faces that nobody is enrolled for, so that one click can enrol them. */
  encoding: base64.max(4096).nullable(),
});
export type FaceBody = z.infer<typeof faceBody>;

/** What people are told to do at the door. */
export const challengePrompts: Readonly<Record<ChallengeKind, string>> = {
  blink: 'Please look into the camera and blink.',
  'turn-left': 'Please look into the camera, turn your head to your left, and look back.',
  'turn-right': 'Please look into the camera, turn your head to your right, and look back.',
};

/**
 * Body of `door`: what the actuator did with one decision, and alarms. `duress` is the silent one: nothing at the door tells of it.
 * `commanded`: central told the door to open; written before it moves.
 */
export const doorBody = z.strictObject({
  action: z.enum(['opened', 'relocked', 'failed', 'held-open', 'forced', 'duress', 'asked', 'commanded']),
  /** With `commanded`: central's id of the command. */
  commandId: uuid.optional(),
  /** With `asked`: what the person was asked to do. */
  challenge: z.enum(challengeKinds).optional(),
  /** What the actuator was asked for; absent for alarms. */
  origin: z.enum(doorOrigins).optional(),
  trackId: uuid.nullable(),
  personId: uuid.nullable(),
  reasons: z.array(reason).max(16),
  /** With `failed`: what the actuator said, for the one who repairs it; no passwords. */
  message: z.string().max(300).optional(),
});
export type DoorBody = z.infer<typeof doorBody>;

/** Body of `health`: something an operator should know. */
export const healthBody = z.strictObject({
  state: z.enum([
    'started',
    'stopping',
    'camera-lost',
    'camera-back',
    'picture-unreadable',
    'engine-lost',
    'engine-back',
    'door-lost',
    'door-back',
    'gallery-failed',
    'gallery-locked',
    'gallery-unlocked',
    'storage-failed',
    'storage-corrupt',
    'clock-trusted',
    'clock-untrusted',
  ]),
  message: z.string().max(1000),
  /** The camera that it is about, if it is about one. */
  cameraId: slug.optional(),
});
export type HealthBody = z.infer<typeof healthBody>;

/** Body of `tamper`: what was refused and why. */
export const tamperBody = z.strictObject({
  what: z.enum([
    'signature-invalid',
    'replayed',
    'retained',
    'body-hash-mismatch',
    'sequence-reused',
    'camera-covered',
    'camera-frozen',
  ]),
  topic: z.string().max(300).nullable(),
  message: z.string().max(1000),
  /** The camera that it is about, if it is about one. */
  cameraId: slug.optional(),
});
export type TamperBody = z.infer<typeof tamperBody>;

/**
 * Body of `dropped`: sequence numbers that the outbox gave up (PROTOCOL.md §2). Central marks them as seen, so that nothing
 * waits for them. Some may have reached the log all the same: their acknowledgement was what got lost.
 */
export const droppedBody = z.strictObject({
  /** Lowest and highest of the numbers, and how many they are, over all streams. */
  from: z.number().int().min(1),
  to: z.number().int().min(1),
  count: z.number().int().min(1),
  /**
   * Exactly which numbers of which streams, as inclusive ranges: streams that the device began before a restart cannot report
   * on themselves. Absent: all numbers from `from` to `to` of this event's own stream.
   */
  streams: z
    .array(
      z.strictObject({
        streamId: uuid,
        ranges: z
          .array(z.tuple([z.number().int().min(1), z.number().int().min(1)]))
          .min(1)
          .max(500),
      }),
    )
    .min(1)
    .max(500)
    .optional(),
});
export type DroppedBody = z.infer<typeof droppedBody>;

/** Schema of the body of each kind. */
export const eventBodies = {
  verification: faceBody,
  recognition: faceBody,
  unknown: faceBody,
  spoof: faceBody,
  door: doorBody,
  health: healthBody,
  tamper: tamperBody,
  dropped: droppedBody,
} as const satisfies Record<EventKind, z.ZodType>;

/** Body type of each kind. */
export type EventBody<K extends EventKind = EventKind> = z.infer<(typeof eventBodies)[K]>;

/**
 * An event as it travels on `event/{kind}`. The envelope is validated apart from `body`, so that a bad body can be stored
 * in the dead-letter table and acknowledged as rejected without blocking any other event (PROTOCOL.md §2).
 */
export const eventEnvelope = z.strictObject({
  streamId: uuid,
  /** Position in the stream, from 1, gapless. */
  seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** UUIDv7 that names the event for people and links. */
  id: uuid,
  kind: eventKind,
  occurredAt: instant,
  /** Device clock minus central clock as last measured, null when never. */
  clockOffsetMs: z.number().int().nullable(),
  clockTrusted: z.boolean(),
  /** SHA-256 of the canonical JSON of `body`. */
  bodyHash: sha256,
  body: z.unknown(),
  /** Face picture: base64 JPEG of at most 12 KB; never part of the body, stored apart. */
  thumbnail: base64.max(16_384).optional(),
});
export type EventEnvelope = z.infer<typeof eventEnvelope>;

/** Central's acknowledgement: exactly the committed sequence numbers of one stream. Alone empties an outbox. */
export const ackMessage = z.strictObject({
  streamId: uuid,
  /** Inclusive ranges of committed sequence numbers, duplicates of earlier commits included. */
  ranges: z.array(z.tuple([z.number().int().min(1), z.number().int().min(1)])).max(1000),
  /** Events that are kept in the dead-letter table and not in the log. */
  rejected: z.array(z.strictObject({ seq: z.number().int().min(1), code: z.string().max(64) })).max(1000),
  /** Grows when central's database was restored from a backup; devices then send acknowledged events again. */
  databaseEpoch: z.number().int().min(1),
});
export type AckMessage = z.infer<typeof ackMessage>;

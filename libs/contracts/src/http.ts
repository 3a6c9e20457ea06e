import { enrolmentWarningCodes, qualityReasonWords } from '@latchkey/domain';
import { z } from 'zod';
import { doorRulesChange, personAccess, scheduleTimes } from './access.ts';
import { cameraTelemetry, doorPolicy, machineTelemetry } from './device-state.ts';
import { decision, eventKind, faceBox, reason } from './events.ts';
import { instant, slug, uuid } from './identifiers.ts';

/** RFC 9457 problem details with Latchkey's stable `code`. */
export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ProblemDetails = z.infer<typeof problemDetails>;

/** Roles of people's accounts, from most to least. */
export const role = z.enum(['admin', 'enroller', 'operator', 'viewer']);
export type Role = z.infer<typeof role>;

/** `POST auth/login`. */
export const loginRequest = z.strictObject({
  email: z.email().max(254).toLowerCase(),
  password: z.string().min(1).max(1024),
});
export type LoginRequest = z.infer<typeof loginRequest>;

/** Who is signed in: `GET auth/me`. */
export const accountView = z.object({ email: z.string(), role, passwordGenerated: z.boolean() });
export type AccountView = z.infer<typeof accountView>;

/** Answer to `POST auth/login`; the same token also comes as cookie. */
export const loginResponse = z.object({ token: z.string(), expiresAt: instant, account: accountView });
export type LoginResponse = z.infer<typeof loginResponse>;

/** `POST auth/password`. */
export const passwordRequest = z.strictObject({
  currentPassword: z.string().max(1024),
  newPassword: z.string().min(12).max(1024),
});
export type PasswordRequest = z.infer<typeof passwordRequest>;

/** `POST accounts`: an admin makes an account for somebody else, who changes the password. */
export const createAccountRequest = z.strictObject({
  email: z.email().max(254).toLowerCase(),
  password: z.string().min(12).max(1024),
  role,
});
export type CreateAccountRequest = z.infer<typeof createAccountRequest>;

/** An account as admins see it: `GET accounts`. */
export const listedAccount = accountView.extend({ id: uuid, createdAt: instant });
export type ListedAccount = z.infer<typeof listedAccount>;

/** A page of a list: pass `nextCursor` as `cursor` for the next one; null at the end. */
export function page<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Query of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(500).optional(),
});
export type PageQuery = z.infer<typeof pageQuery>;

/**
 * What people call a person, a group or a device: 1 to 200 characters of text in NFC with something to see in it, without
 * control characters and those that turn the direction of what follows (Unicode TR 36 §2.5: a name must not rearrange a log).
 */
export const displayName = z
  .string()
  .normalize('NFC')
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u, 'text without control characters')
  .regex(/[\p{L}\p{N}\p{P}\p{S}]/u, 'text with a character that can be seen');

/** `POST people`. Without `groupIds` the person joins the default group `everyone`. */
export const createPersonRequest = z.strictObject({
  name: displayName,
  groupIds: z.array(slug).max(100).optional(),
  /** Admitted also while a device's clock is not trusted. */
  always: z.boolean().optional(),
  /** What binds the person; what is left out stays as it is. */
  access: personAccess.partial().optional(),
});
export type CreatePersonRequest = z.infer<typeof createPersonRequest>;

/** `PATCH people/:id`: only what is given changes. */
export const updatePersonRequest = createPersonRequest.partial();
export type UpdatePersonRequest = z.infer<typeof updatePersonRequest>;

/** A person as the API shows one. */
export const personView = z.object({
  id: uuid,
  name: z.string(),
  groupIds: z.array(slug),
  always: z.boolean(),
  access: personAccess,
  photos: z.number().int(),
  encodings: z.number().int(),
  /** Of `GET people/:id/photos/:photoId`; null without a photo. */
  portraitPhotoId: uuid.nullable(),
  createdAt: instant,
  updatedAt: instant,
});
export type PersonView = z.infer<typeof personView>;

/** `GET people` adds a search by part of the name, and narrows to a group or to those who are bound to a schedule. */
export const peopleQuery = pageQuery.extend({
  search: z.string().max(200).optional(),
  groupId: slug.optional(),
  scheduleId: slug.optional(),
});
export type PeopleQuery = z.infer<typeof peopleQuery>;

/** One photo of a person. */
export const photoView = z.object({
  id: uuid,
  fileName: z.string(),
  createdAt: instant,
  quality: z.number().nullable(),
});
export type PhotoView = z.infer<typeof photoView>;

const enrolmentWarning = z.enum(enrolmentWarningCodes);

/** What is wrong with a face; the words for people are `qualityReasonWords` of the domain. */
export const qualityReason = z.enum(
  Object.keys(qualityReasonWords) as [keyof typeof qualityReasonWords, ...(keyof typeof qualityReasonWords)[]],
);

/**
 * Query of `POST people/:id/photos` and `POST people/:id/faces`: which warnings are known and accepted (repeat it for several).
 * The audit log keeps it.
 */
export const enrolQuery = z.strictObject({
  acceptDespite: z.union([enrolmentWarning, z.array(enrolmentWarning).max(10)]).optional(),
});
export type EnrolQuery = z.infer<typeof enrolQuery>;

/** Answer to `POST people/:id/photos`: one result a file, in order. */
export const enrolmentResponse = z.object({
  results: z.array(
    z.object({
      file: z.string(),
      accepted: z.boolean(),
      photoId: uuid.optional(),
      quality: z.number().optional(),
      code: z.string().optional(),
      message: z.string().optional(),
      /** Of `low-quality`: what is wrong with the face, the worst first. */
      reasons: z.array(qualityReason).optional(),
      /** Of `near-another-person`: who that is. */
      nearestPersonId: uuid.optional(),
    }),
  ),
});
export type EnrolmentResponse = z.infer<typeof enrolmentResponse>;

/** `POST people/:id/faces`: enrols the face of an `unknown` event. */
export const enrolEventRequest = z.strictObject({ eventId: uuid });
export type EnrolEventRequest = z.infer<typeof enrolEventRequest>;

/** A group of persons that devices hold. */
export const groupView = z.object({
  id: slug,
  siteId: slug,
  name: z.string(),
  epoch: z.number(),
  revision: z.number(),
  persons: z.number().int(),
  devices: z.number().int(),
});
export type GroupView = z.infer<typeof groupView>;

/** `POST groups`. */
export const createGroupRequest = z.strictObject({
  id: slug,
  name: displayName,
  siteId: slug.optional(),
});
export type CreateGroupRequest = z.infer<typeof createGroupRequest>;

/** A schedule as the API shows one. */
export const scheduleView = scheduleTimes.extend({
  id: slug,
  name: z.string(),
  /** How many people are bound to it. */
  persons: z.number().int(),
  updatedAt: instant,
});
export type ScheduleView = z.infer<typeof scheduleView>;

/** `POST schedules`. */
export const createScheduleRequest = scheduleTimes.extend({ id: slug, name: displayName });
export type CreateScheduleRequest = z.infer<typeof createScheduleRequest>;

/** `PATCH schedules/:id`: only what is given changes. */
export const updateScheduleRequest = createScheduleRequest.omit({ id: true }).partial();
export type UpdateScheduleRequest = z.infer<typeof updateScheduleRequest>;

/** `POST devices`: answers with the identity file of the new device, once. */
export const createDeviceRequest = z.strictObject({
  id: slug,
  name: displayName,
  siteId: slug.optional(),
  groupIds: z.array(slug).max(100).optional(),
});
export type CreateDeviceRequest = z.infer<typeof createDeviceRequest>;

/** `PATCH devices/:id`. */
export const updateDeviceRequest = z.strictObject({
  name: displayName.optional(),
  groupIds: z.array(slug).max(100).optional(),
  /** The whole policy, but of its rules only those that change. */
  door: doorPolicy.extend({ rules: doorRulesChange.optional() }).optional(),
});
export type UpdateDeviceRequest = z.infer<typeof updateDeviceRequest>;

/** What one device holds of one group, beside what it should hold. */
export const deviceGalleryView = z.object({
  groupId: slug,
  epoch: z.number(),
  revision: z.number(),
  wantedEpoch: z.number(),
  wantedRevision: z.number(),
  persons: z.number(),
  encodings: z.number(),
  state: z.enum(['current', 'behind', 'failed', 'unknown']),
  reportedAt: instant.nullable(),
});

/** A device as the API shows one. */
export const deviceView = z.object({
  id: slug,
  siteId: slug,
  name: z.string(),
  online: z.boolean(),
  lastSeenAt: instant.nullable(),
  agentVersion: z.string().nullable(),
  modelId: z.string().nullable(),
  engine: z.string().nullable(),
  galleries: z.array(deviceGalleryView),
  door: doorPolicy,
  configRevision: z.number(),
  configReported: z.object({ revision: z.number(), accepted: z.boolean(), message: z.string().nullable() }).nullable(),
  telemetry: z
    .object({
      at: instant,
      framesPerSecond: z.number(),
      decisionP95Ms: z.number().nullable(),
      outboxPending: z.number(),
      rssBytes: z.number(),
      eventLoopP99Ms: z.number(),
      /** Null of an agent that does not say. */
      cpuShare: z.number().nullable(),
      clockTrusted: z.boolean(),
      /** Nobody is recognised because the device did not hear central for too long. */
      galleryLocked: z.boolean(),
      cameras: z.array(cameraTelemetry),
      /** Null of an agent that does not say. */
      machine: machineTelemetry.nullable(),
    })
    .nullable(),
  createdAt: instant,
});
export type DeviceView = z.infer<typeof deviceView>;

/** An event as the API and the live stream show it: envelope, body and what central adds. Face fields are null for other kinds. */
export const eventView = z.object({
  id: uuid,
  streamId: uuid,
  /** Null for readers who may not know of silent alarms. */
  seq: z.number().int().nullable(),
  kind: eventKind,
  siteId: slug,
  deviceId: slug,
  occurredAt: instant,
  receivedAt: instant,
  clockOffsetMs: z.number().nullable(),
  clockTrusted: z.boolean(),
  personId: uuid.nullable(),
  personName: z.string().nullable(),
  claimedPersonId: uuid.nullable(),
  distance: z.number().nullable(),
  maxDistance: z.number().nullable(),
  margin: z.number().nullable(),
  decision: decision.nullable(),
  reasons: z.array(reason),
  liveness: z.number().nullable(),
  quality: z.number().nullable(),
  modelId: z.string().nullable(),
  galleryRevision: z.number().nullable(),
  trackId: uuid.nullable(),
  box: faceBox.nullable(),
  snapshotId: uuid.nullable(),
  /** Address of the face picture, null when there is none. */
  thumbnailUrl: z.string().nullable(),
  /** Whether one click can enrol this face. */
  enrollable: z.boolean(),
  /** Body of kinds that are not about a face (`door`, `health`, `tamper`, `dropped`). */
  body: z.record(z.string(), z.unknown()).nullable(),
});
export type EventView = z.infer<typeof eventView>;

/** `GET events`: newest first; filters combine. `from` inclusive and `to` exclusive, by `occurredAt`. */
export const eventsQuery = pageQuery.extend({
  deviceId: slug.optional(),
  personId: uuid.optional(),
  kind: eventKind.optional(),
  decision: decision.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

/** `GET health`: 200 when all are `up`, else 503 with the same body. */
export const healthView = z.object({
  status: z.enum(['up', 'down']),
  checks: z.object({
    database: z.enum(['up', 'down']),
    broker: z.enum(['up', 'down']),
    ingest: z.enum(['up', 'down']),
  }),
  version: z.string(),
});
export type HealthView = z.infer<typeof healthView>;

/** `POST verify` and `POST recognize` (multipart `photo`, for `verify` also `personId` or `name`). */
export const recognitionView = z.object({
  granted: z.boolean(),
  personId: uuid.nullable(),
  name: z.string().nullable(),
  distance: z.number().nullable(),
  maxDistance: z.number(),
  margin: z.number().nullable(),
  reasons: z.array(reason),
});
export type RecognitionView = z.infer<typeof recognitionView>;

import { z } from 'zod';
import { doorRules, maxSchedules, schedule } from './access.ts';
import { instant, slug, uuid } from './identifiers.ts';
import { trustedKey } from './signed-message.ts';

/** Retained on `presence`: birth and Will of one session share `sessionId`; a Will of an older session is ignored. */
export const presence = z.strictObject({
  state: z.enum(['online', 'offline']),
  sessionId: uuid,
  /** When the session began, by the device's clock, which may be wrong. */
  since: instant,
  agentVersion: z.string().max(64),
  modelId: z.string().max(200).nullable(),
  engine: z.string().max(64).nullable(),
});
export type Presence = z.infer<typeof presence>;

/** One camera since the telemetry before. */
export const cameraTelemetry = z.strictObject({
  id: slug,
  /** `starting`: no frame yet. `lost`: no frames, tried again. `covered`, `frozen`: frames that show nothing, or always the same. */
  state: z.enum(['starting', 'running', 'lost', 'covered', 'frozen']),
  /** Frames that it gave, per second, whether they were looked at or not. */
  framesPerSecond: z.number().min(0),
  /** Frames that gave way to newer ones before they were looked at. */
  droppedFrames: z.number().int().min(0),
  /** Frames that showed nothing new and were not analysed. */
  stillFrames: z.number().int().min(0),
  /** How often its source was started again since the agent's start. */
  restarts: z.number().int().min(0),
  /** Where its frames come from, without passwords. */
  source: z.string().max(500).optional(),
  /** What was last wrong with it since the agent's start, null: nothing. */
  lastProblem: z.string().max(1000).nullable().optional(),
});
export type CameraTelemetry = z.infer<typeof cameraTelemetry>;

/** Most sensors and rails that a machine tells of. */
export const maxTemperatures = 32;
export const maxPowerRails = 16;

/** The machine that the agent runs on, as it says itself (`tegrastats` on a Jetson). */
export const machineTelemetry = z.strictObject({
  memoryUsedBytes: z.number().int().min(0),
  memoryTotalBytes: z.number().int().min(0),
  /** How busy the graphics processor is, 0 … 1; null where nobody says. */
  gpuLoad: z.number().min(0).max(1).nullable(),
  /** Sensors that measure something: not the constant 100 °C of a power controller. */
  temperatures: z
    .array(z.strictObject({ sensor: z.string().min(1).max(32), celsius: z.number().min(-60).max(200) }))
    .max(maxTemperatures),
  /** What supply rails give at the moment. */
  power: z
    .array(z.strictObject({ rail: z.string().min(1).max(32), milliwatts: z.number().int().min(0) }))
    .max(maxPowerRails),
});
export type MachineTelemetry = z.infer<typeof machineTelemetry>;

/** Every 10 s on `telemetry`, QoS 0. */
export const telemetry = z.strictObject({
  at: instant,
  uptimeS: z.number().min(0),
  framesPerSecond: z.number().min(0),
  droppedFrames: z.number().int().min(0),
  /** Milliseconds from capture to decision, of the last interval. */
  decisionP50Ms: z.number().min(0).nullable(),
  decisionP95Ms: z.number().min(0).nullable(),
  outboxPending: z.number().int().min(0),
  outboxBytes: z.number().int().min(0),
  rssBytes: z.number().int().min(0),
  eventLoopP99Ms: z.number().min(0),
  /** CPU time of the agent's process, all of its threads, as a share of one core; above 1 with several that are busy. */
  cpuShare: z.number().min(0).optional(),
  clockTrusted: z.boolean(),
  engine: z.string().max(64).nullable(),
  cameras: z.array(cameraTelemetry).max(16).optional(),
  /** Nobody is recognised because central was not heard for too long. */
  galleryLocked: z.boolean().optional(),
  machine: machineTelemetry.optional(),
});
export type Telemetry = z.infer<typeof telemetry>;

/** Rules of one door (policies of DESIGN.md §3 and §5). */
export const doorPolicy = z.strictObject({
  /** `door`: distance, margin and votes. `seed`: the seed project's rule, nearest at distance ≤ 0.7. */
  policy: z.enum(['door', 'seed']),
  /** Null: the model card's threshold for identification. */
  maxDistance: z.number().positive().nullable(),
  minMargin: z.number().min(0).nullable(),
  /** k of n frames of one track must agree. */
  votesNeeded: z.number().int().min(1).max(20),
  votesWindow: z.number().int().min(1).max(20),
  minQuality: z.number().min(0).max(100),
  holdOpenMs: z.number().int().min(100).max(60_000),
  rules: doorRules.prefault({}),
});
export type DoorPolicyConfig = z.infer<typeof doorPolicy>;

/**
 * How a door behaves before anybody said otherwise, at central and on a device that was never told: two of three good
 * frames agree, thresholds of the model's card, five seconds open.
 */
export const firstDoorPolicy: DoorPolicyConfig = {
  policy: 'door',
  maxDistance: null,
  minMargin: null,
  votesNeeded: 2,
  votesWindow: 3,
  minQuality: 30,
  holdOpenMs: 5_000,
  rules: doorRules.parse({}),
};

/** Retained and signed on `config/desired`; higher revisions replace lower ones. */
export const desiredConfig = z.strictObject({
  revision: z.number().int().min(1),
  groupIds: z.array(slug).max(100),
  door: doorPolicy,
  /** Schedules that persons may be bound to. A person whose schedule is not among them is refused. */
  schedules: z.array(schedule).max(maxSchedules).default([]),
});
export type DesiredConfig = z.infer<typeof desiredConfig>;

/** Retained on `config/reported`. */
export const reportedConfig = z.strictObject({
  revision: z.number().int().min(0),
  accepted: z.boolean(),
  /** Why a revision was refused. */
  message: z.string().max(1000).nullable(),
});
export type ReportedConfig = z.infer<typeof reportedConfig>;

/** The file that makes a machine a device (`agent.json`, mode 0600): who it is, how it connects, whom it trusts. */
export const agentIdentity = z.strictObject({
  siteId: slug,
  deviceId: slug,
  mqtt: z.strictObject({ url: z.url(), username: z.string(), password: z.string() }),
  trustedKeys: z.array(trustedKey).min(1),
});
export type AgentIdentity = z.infer<typeof agentIdentity>;

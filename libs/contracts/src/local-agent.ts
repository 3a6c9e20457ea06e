import { z } from 'zod';
import { telemetry } from './device-state.ts';
import { decision, eventKind, faceBox, reason } from './events.ts';
import { instant, slug, uuid } from './identifiers.ts';

/** Where an agent listens for people on its own machine: a socket below its folder, that only its user may open. */
export const agentSocketPath = 'run/agent.sock';

/** Answer to `GET /status` on the agent's socket. */
export const agentStatus = z.strictObject({
  siteId: slug,
  deviceId: slug,
  agentVersion: z.string(),
  engine: z.string(),
  modelId: z.string(),
  /** Whether it is connected with its broker. */
  connected: z.boolean(),
  clockTrusted: z.boolean(),
  configRevision: z.number().int().min(0),
  gallery: z.strictObject({
    people: z.number().int().min(0),
    encodings: z.number().int().min(0),
    /** Groups were left out because they are damaged. */
    partlyLocked: z.boolean(),
    /** Nobody is recognised because central was not heard for too long. */
    locked: z.boolean(),
  }),
  outboxPending: z.number().int().min(0),
  /** Figures of the last ten seconds, null before the first of them are over. */
  telemetry: telemetry.nullable(),
});
export type AgentStatus = z.infer<typeof agentStatus>;

/** One line of `GET /watch` on the agent's socket: an event as it is written, with the name of whom it is about. */
export const agentLine = z.strictObject({
  at: instant,
  kind: eventKind,
  cameraId: slug.nullable(),
  trackId: uuid.nullable(),
  personId: uuid.nullable(),
  /** Null for nobody, and for somebody whom the device does not know any more. */
  name: z.string().nullable(),
  /** Of a face; null for other events. */
  decision: decision.nullable(),
  /** Never tells of a silent alarm. */
  reasons: z.array(reason),
  distance: z.number().nullable(),
  maxDistance: z.number().nullable(),
  box: faceBox.nullable(),
  /** What else the event says, for people. */
  message: z.string().nullable(),
});
export type AgentLine = z.infer<typeof agentLine>;

/**
 * `POST /claim` on the agent's socket, of a card reader or a keypad: who stands before the door, by what they showed or typed. It is
 * answered with 204; 404 when the device knows no such person, 400 when it is not understood.
 */
export const agentClaim = z.strictObject({
  personId: uuid,
  /** How long they have to look into a camera. */
  forS: z.number().int().min(1).max(60).default(15),
});
export type AgentClaim = z.infer<typeof agentClaim>;

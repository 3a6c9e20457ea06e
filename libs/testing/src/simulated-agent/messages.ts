import { agentIdentity } from '@latchkey/contracts';
import { z } from 'zod';

/** What a simulated agent's process is told on its command line, as JSON. */
export const simulatedAgentTask = z.strictObject({
  folder: z.string(),
  identity: agentIdentity,
  /** Its goal: it appends until so many events are on its disk, counting those of earlier runs. */
  events: z.number().int().min(0),
  /** Pause between two events; 0: none. */
  everyMs: z.number().min(0),
  window: z.number().int().min(1).optional(),
  /** Most events that its outbox holds; default as `Outbox`. */
  maxEvents: z.number().int().min(10).optional(),
  /** Each so manieth event is one of its own health; default: none. */
  healthEvery: z.number().int().min(2).optional(),
});
export type SimulatedAgentTask = z.infer<typeof simulatedAgentTask>;

/** A new goal, sent while it runs. */
export const simulatedAgentGoal = z.strictObject({ events: z.number().int().min(0) });
export type SimulatedAgentGoal = z.infer<typeof simulatedAgentGoal>;

/** What it tells. */
export const simulatedAgentReport = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  /** An event is on disk. */
  z.strictObject({ type: z.literal('appended'), streamId: z.string(), seq: z.number(), id: z.string() }),
  /** The goal is reached: so many events are on disk. */
  z.strictObject({ type: z.literal('complete'), events: z.number() }),
  /** All of them are acknowledged. */
  z.strictObject({ type: z.literal('drained'), events: z.number() }),
]);
export type SimulatedAgentReport = z.infer<typeof simulatedAgentReport>;

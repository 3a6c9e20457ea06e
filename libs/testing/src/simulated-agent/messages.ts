import { agentIdentity } from '@latchkey/contracts';
import { z } from 'zod';

/** What a simulated agent's process is told on its command line, as JSON. */
export const simulatedAgentTask = z.strictObject({
  folder: z.string(),
  identity: agentIdentity,
  /** It appends until so many events are on its disk, counting those of earlier runs. */
  events: z.number().int().min(0),
  /** Pause between two events; 0: none. */
  everyMs: z.number().min(0),
  window: z.number().int().min(1).optional(),
});
export type SimulatedAgentTask = z.infer<typeof simulatedAgentTask>;

/** What it tells. */
export const simulatedAgentReport = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  /** An event is on disk. */
  z.strictObject({ type: z.literal('appended'), streamId: z.string(), seq: z.number(), id: z.string() }),
  /** All events are on disk. */
  z.strictObject({ type: z.literal('complete') }),
  /** All events are acknowledged. */
  z.strictObject({ type: z.literal('drained') }),
]);
export type SimulatedAgentReport = z.infer<typeof simulatedAgentReport>;

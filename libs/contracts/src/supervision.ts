import { z } from 'zod';
import { agentIdentity } from './device-state.ts';
import { slug, uuid } from './identifiers.ts';

/** What a supervised process (central, agent) tells `latchkey up` over its IPC channel. */
export const childMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('central-ready'),
    httpUrl: z.url(),
    mqttUrl: z.url(),
    /** Null password: the first admin has chosen one. */
    admin: z.strictObject({ email: z.string(), password: z.string().nullable() }),
  }),
  z.strictObject({ type: z.literal('admin-password-changed') }),
  z.strictObject({ type: z.literal('device-provisioned'), requestId: uuid, identity: agentIdentity }),
  z.strictObject({ type: z.literal('request-failed'), requestId: uuid, code: z.string(), message: z.string() }),
  z.strictObject({ type: z.literal('agent-ready'), deviceId: slug, engine: z.string(), modelId: z.string() }),
  /** A line for the console while something long runs (compiling models). */
  z.strictObject({ type: z.literal('progress'), line: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessage>;

/** What `latchkey up` asks of central over the IPC channel. Never reachable from the network. */
export const supervisorMessage = z.discriminatedUnion('type', [
  /** Makes the device if it is new, gives it a new password and answers with its identity file. */
  z.strictObject({
    type: z.literal('provision-device'),
    requestId: uuid,
    siteId: slug,
    deviceId: slug,
    name: z.string(),
  }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessage>;

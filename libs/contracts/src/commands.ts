import { z } from 'zod';
import { decision, reason } from './events.ts';
import { base64, instant, nonce, slug, uuid } from './identifiers.ts';

/**
 * What central can tell a device to do. `open-door`: let somebody pass who was seen by other means. `identify`: look whether the
 * face before the camera is a certain person's. `restart`: end the agent, so that its supervisor starts it anew. `resync`: ask for
 * every gallery as a whole. `snapshot`: one picture of a camera. `wipe`: forget everything, and the device's own credentials.
 */
export const commandNames = ['open-door', 'identify', 'restart', 'resync', 'snapshot', 'wipe'] as const;
export const commandName = z.enum(commandNames);
export type CommandName = z.infer<typeof commandName>;

/**
 * Whether somebody stands before the door and waits: such a command is worth nothing later, and never sent twice. The others may be
 * carried out twice without harm, and are asked for again until the device says how they ended.
 */
export function cannotWait(name: CommandName): boolean {
  return name === 'open-door' || name === 'identify';
}

/** How long somebody has to look into a camera for `identify`, in seconds. */
export const identifyForS = z.number().int().min(1).max(60);

/** A command with what it needs to know; also the body of `POST devices/{id}/commands`. */
export const commandCall = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('open-door') }),
  z.strictObject({ name: z.literal('identify'), personId: uuid, forS: identifyForS }),
  z.strictObject({ name: z.literal('restart') }),
  z.strictObject({ name: z.literal('resync') }),
  /** `cameraId` absent: the device's first. */
  z.strictObject({ name: z.literal('snapshot'), cameraId: slug.optional() }),
  z.strictObject({ name: z.literal('wipe') }),
]);
export type CommandCall = z.infer<typeof commandCall>;

/**
 * On `command/{name}`, signed: central asks for a challenge, then answers it with the command itself (PROTOCOL.md §4, ADR 7). What
 * is asked for does nothing; what answers no open challenge does nothing either.
 */
export const commandMessage = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('ask'), commandId: uuid }),
  z.strictObject({ step: z.literal('execute'), commandId: uuid, nonce, call: commandCall }),
]);
export type CommandMessage = z.infer<typeof commandMessage>;

/** `done`: it was carried out. `failed`: it was tried. `refused`: nothing was tried. */
export const commandOutcomes = ['done', 'failed', 'refused'] as const;

/** What `identify` saw. */
export const identified = z.strictObject({
  decision,
  personId: uuid.nullable(),
  distance: z.number().min(0).nullable(),
  maxDistance: z.number().positive(),
  reasons: z.array(reason).max(16),
});
export type Identified = z.infer<typeof identified>;

/** Largest picture of `snapshot`, as base64: it shares the line with events. */
const maxPictureChars = 110_000;

/** How a command ended, for people and for machines. */
export const commandReport = z.strictObject({
  outcome: z.enum(commandOutcomes),
  /** What happened, in a sentence. */
  message: z.string().max(500),
  /** With `identify` when somebody looked. */
  identified: identified.optional(),
  /** With `snapshot`: a JPEG in base64, masked as the device masks what it analyses. */
  picture: base64.max(maxPictureChars).optional(),
});
export type CommandReport = z.infer<typeof commandReport>;

/** On `command/{name}/result`: the challenge, then what became of the answer. */
export const commandResult = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('challenge'), commandId: uuid, nonce }),
  z.strictObject({ step: z.literal('end'), commandId: uuid, nonce, report: commandReport }),
]);
export type CommandResult = z.infer<typeof commandResult>;

/**
 * Where a command is. `waiting`: the device has not given a challenge yet. `sent`: it was answered, and the device has not said how
 * it ended. `expired`: its time was over before. The others are outcomes of the device.
 */
export const commandStates = ['waiting', 'sent', 'expired', ...commandOutcomes] as const;
export const commandState = z.enum(commandStates);
export type CommandState = z.infer<typeof commandState>;

/** A command as central knows it. */
export const commandView = z.strictObject({
  id: uuid,
  deviceId: slug,
  call: commandCall,
  state: commandState,
  message: z.string().nullable(),
  identified: identified.nullable(),
  /** Whether `GET commands/{id}/picture` has one. */
  hasPicture: z.boolean(),
  /** E-mail address of who gave it; null when that account is no more. */
  by: z.string().nullable(),
  createdAt: instant,
  /** Until when central tries. */
  expiresAt: instant,
  endedAt: instant.nullable(),
});
export type CommandView = z.infer<typeof commandView>;

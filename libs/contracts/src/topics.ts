import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import { commandMessage, commandName, commandResult } from './commands.ts';
import { desiredConfig, presence, reportedConfig, telemetry } from './device-state.ts';
import { ackMessage, eventEnvelope, eventKind } from './events.ts';
import { galleryAnswer, galleryAsk, galleryChange, galleryReported } from './gallery.ts';
import { slug } from './identifiers.ts';
import type { KeyPurpose } from './signed-message.ts';

/** One kind of topic: its pattern, what travels on it, who writes it and how. */
export interface TopicSpec<S extends z.ZodType = z.ZodType> {
  /** With `{site}`, `{device}`, `{group}`, `{kind}` and `{command}` as placeholders of one level each. */
  readonly pattern: string;
  readonly payload: S;
  readonly from: 'device' | 'central';
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Central's messages are signed with the key of this purpose; null: the device's own, authenticated by the broker. */
  readonly signedBy: KeyPurpose | null;
  readonly summary: string;
}

function topic<S extends z.ZodType>(
  pattern: string,
  payload: S,
  rest: Omit<TopicSpec, 'pattern' | 'payload'>,
): TopicSpec<S> {
  return { pattern, payload, ...rest };
}

const device = { from: 'device', signedBy: null } as const;
const root = 'latchkey/v1/{site}/{device}';

/** Every topic and what travels on it: the one table from which codec, ACLs, AsyncAPI document and tests are made. */
export const topics = {
  presence: topic(`${root}/presence`, presence, {
    ...device,
    qos: 1,
    retain: true,
    summary: 'Birth and Will of a device session.',
  }),
  event: topic(`${root}/event/{kind}`, eventEnvelope, {
    ...device,
    qos: 1,
    retain: false,
    summary: 'One event out of the outbox; sent until acknowledged on `ack`.',
  }),
  telemetry: topic(`${root}/telemetry`, telemetry, {
    ...device,
    qos: 0,
    retain: false,
    summary: 'State of the device every 10 s.',
  }),
  galleryAsk: topic(`${root}/gallery/ask`, galleryAsk, {
    ...device,
    qos: 1,
    retain: false,
    summary: "Asks where a group's gallery stands.",
  }),
  galleryReported: topic(`${root}/gallery/reported`, galleryReported, {
    ...device,
    qos: 1,
    retain: true,
    summary: 'What the device holds.',
  }),
  configReported: topic(`${root}/config/reported`, reportedConfig, {
    ...device,
    qos: 1,
    retain: true,
    summary: 'Which configuration the device runs, or why it refused one.',
  }),
  commandResult: topic(`${root}/command/{command}/result`, commandResult, {
    ...device,
    qos: 1,
    retain: false,
    summary: 'The challenge of a command, then what became of it.',
  }),
  ack: topic(`${root}/ack`, ackMessage, {
    from: 'central',
    qos: 1,
    retain: false,
    signedBy: 'ack',
    summary: 'Exactly the sequence numbers that are committed.',
  }),
  galleryAnswer: topic(`${root}/gallery/answer`, galleryAnswer, {
    from: 'central',
    qos: 1,
    retain: false,
    signedBy: 'gallery',
    summary: 'Signed head, changes or snapshot chunk for one ask.',
  }),
  configDesired: topic(`${root}/config/desired`, desiredConfig, {
    from: 'central',
    qos: 1,
    retain: true,
    signedBy: 'config',
    summary: 'The configuration that the device shall run.',
  }),
  command: topic(`${root}/command/{command}`, commandMessage, {
    from: 'central',
    qos: 1,
    retain: false,
    signedBy: 'command',
    summary: 'Asks for a challenge, then answers it with a command.',
  }),
  groupChanges: topic('latchkey/v1/{site}/_groups/{group}/changes', galleryChange, {
    from: 'central',
    qos: 1,
    retain: false,
    signedBy: 'gallery',
    summary: "One change of a group's gallery, for all of its devices.",
  }),
} as const satisfies Record<string, TopicSpec>;

/** Name of a topic in {@link topics}. */
export type TopicName = keyof typeof topics;

/** What travels on a topic, parsed. For topics signed by central this is the inner payload. */
export type PayloadOf<N extends TopicName> = z.infer<(typeof topics)[N]['payload']>;

/** Values of a topic's placeholders. */
export interface TopicParams {
  readonly site?: string;
  readonly device?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly command?: string;
}

const placeholders = { site: slug, device: slug, group: slug, kind: eventKind, command: commandName } as const;

/**
 * The topic's text for these parameters.
 * @throws LatchkeyError `invalid-input` when a placeholder has no value or one that its level may not have.
 */
export function buildTopic(name: TopicName, params: TopicParams): string {
  return topics[name].pattern.replace(/\{(\w+)\}/g, (_, key: keyof TopicParams) => {
    const parsed = placeholders[key].safeParse(params[key]);
    if (!parsed.success)
      throw new LatchkeyError('invalid-input', `Topic "${name}" needs a valid ${key}, not "${params[key]}".`);
    return parsed.data;
  });
}

/**
 * The subscription filter for a topic: `+` for every parameter that is not given.
 * @throws LatchkeyError `invalid-input` when a given parameter is not one that its level may have.
 */
export function topicFilter(name: TopicName, params: TopicParams = {}): string {
  return topics[name].pattern.replace(/\{(\w+)\}/g, (_, key: keyof TopicParams) => {
    if (params[key] === undefined) return '+';
    const parsed = placeholders[key].safeParse(params[key]);
    if (!parsed.success)
      throw new LatchkeyError('invalid-input', `Topic "${name}" needs a valid ${key}, not "${params[key]}".`);
    return parsed.data;
  });
}

/** A topic's text taken apart. */
export interface ParsedTopic {
  readonly name: TopicName;
  readonly params: TopicParams;
}

const matchers = (Object.keys(topics) as TopicName[]).map((name) => ({
  name,
  levels: topics[name].pattern.split('/'),
}));

/** Which topic a text is, with its parameters; null for anything that is not exactly one of ours. */
export function parseTopic(text: string): ParsedTopic | null {
  const levels = text.split('/');
  for (const { name, levels: pattern } of matchers) {
    const params = matchLevels(pattern, levels);
    if (params) return { name, params };
  }
  return null;
}

function matchLevels(pattern: readonly string[], levels: readonly string[]): TopicParams | null {
  if (pattern.length !== levels.length) return null;
  const params: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const level = levels[i] ?? '';
    const key = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (key === undefined) {
      if (level !== expected) return null;
    } else {
      if (!placeholders[key as keyof TopicParams].safeParse(level).success) return null;
      params[key] = level;
    }
  }
  return params;
}

/** Who a signed message to one device is for. */
export function deviceAudience(siteId: string, deviceId: string): string {
  return `${siteId}/${deviceId}`;
}

/**
 * The MQTT client id and the user name of a device. The client id must be this one: a broker ends the older of two
 * connections with one id, so a free choice would let one device cut off another. A suffix after a further `/` is allowed.
 */
export function deviceClientId(siteId: string, deviceId: string): string {
  return `${siteId}/${deviceId}`;
}

/** Who a signed message to all devices of a group is for. */
export function groupAudience(siteId: string, groupId: string): string {
  return `${siteId}/_groups/${groupId}`;
}

import { timingSafeEqual } from 'node:crypto';
import { deviceClientId, type ParsedTopic, parseTopic, slug, topics } from '@latchkey/contracts';

/** A device as its user name names it. */
export interface DeviceName {
  readonly siteId: string;
  readonly deviceId: string;
}

/** The device of a user name `{siteId}/{deviceId}`; null when it is none. */
export function deviceOfUsername(username: string): DeviceName | null {
  const [siteId, deviceId, ...more] = username.split('/');
  const valid = more.length === 0 && slug.safeParse(siteId).success && slug.safeParse(deviceId).success;
  return valid && siteId !== undefined && deviceId !== undefined ? { siteId, deviceId } : null;
}

/** Whether a device may connect with this client id: its own, or its own with a suffix, see {@link deviceClientId}. */
export function mayUseClientId({ siteId, deviceId }: DeviceName, clientId: string): boolean {
  const own = deviceClientId(siteId, deviceId);
  return clientId === own || clientId.startsWith(`${own}/`);
}

/** Whether a device may publish on a topic: its own device topics, as the table of contracts names them, and nothing else. */
export function mayPublish(device: DeviceName, topic: string): boolean {
  const parsed = parseTopic(topic);
  return parsed !== null && topics[parsed.name].from === 'device' && isOf(device, parsed);
}

/** What a subscription asks for. */
export type SubscriptionRequest =
  | { readonly type: 'allowed' }
  | { readonly type: 'refused' }
  /** Allowed when the device is a member of the group. */
  | { readonly type: 'if-member'; readonly groupId: string };

/**
 * What a subscription of a device asks for. Filters with wildcards are refused: what they would match may grow. A device reads
 * what central says to it and to the groups of its site that it is a member of.
 */
export function judgeSubscription(device: DeviceName, filter: string): SubscriptionRequest {
  const parsed = parseTopic(filter);
  if (parsed === null || topics[parsed.name].from !== 'central') return { type: 'refused' };
  const { site, group } = parsed.params;
  if (group !== undefined) {
    return site === device.siteId ? { type: 'if-member', groupId: group } : { type: 'refused' };
  }
  return isOf(device, parsed) ? { type: 'allowed' } : { type: 'refused' };
}

/** Whether two hashes are equal, in a time that does not tell where they differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function isOf({ siteId, deviceId }: DeviceName, { params }: ParsedTopic): boolean {
  return params.site === siteId && params.device === deviceId;
}

import {
  buildTopic,
  deviceAudience,
  encodePayload,
  groupAudience,
  type PayloadOf,
  type TopicName,
  type TopicParams,
  topics,
} from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { LinkService } from './link.service.ts';

/** Topics that central writes. */
export type CentralTopic = 'ack' | 'galleryAnswer' | 'configDesired' | 'groupChanges' | 'command';

/** Publishes central's messages, each signed with the key of its purpose for exactly one audience (PROTOCOL.md §6). */
@Injectable()
export class CentralPublisher {
  constructor(@Inject(LinkService) private readonly link: LinkService) {}

  /**
   * Signs and publishes; resolves when the broker has taken the message.
   * @throws LatchkeyError `broker-unavailable` without a connection: nothing is queued; `invalid-input` when a parameter of the
   * topic is missing.
   */
  async publish<N extends CentralTopic>(name: N, params: TopicParams, payload: PayloadOf<N>): Promise<void> {
    const { qos, retain, signedBy } = topics[name];
    if (signedBy === null) throw new LatchkeyError('internal', `Topic "${name}" has no signing key.`);
    const topic = buildTopic(name, params);
    const message = { topic, audience: audienceOf(params), payload: encodePayload(name, payload) };
    await this.link.session.publish(topic, this.link.keys.sign(signedBy, message), { qos, retain });
  }

  /** Removes what the broker retains on a topic, whoever wrote it. Throws as {@link publish}. */
  async clear(name: TopicName, params: TopicParams): Promise<void> {
    await this.link.session.publish(buildTopic(name, params), '', { qos: 1, retain: true });
  }
}

function audienceOf({ site, device, group }: TopicParams): string {
  if (site !== undefined && device !== undefined) return deviceAudience(site, device);
  if (site !== undefined && group !== undefined) return groupAudience(site, group);
  throw new LatchkeyError('invalid-input', 'A signed message needs a site and a device or a group to be for.');
}

import {
  type AgentIdentity,
  buildTopic,
  type CommandMessage,
  type CommandName,
  decodePayload,
  deviceAudience,
  groupAudience,
  type PayloadOf,
  topics,
} from '@latchkey/contracts';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { openSigned, type ReceivedMessage, type Subscription } from '@latchkey/link';
import type { Logger } from 'pino';
import type { TamperLog } from '../events/tamper-log.ts';
import type { Messenger } from './messenger.ts';

/** Topics on which central writes to devices, signed. The outbox reads its acknowledgements itself. */
export type InboxTopic = 'galleryAnswer' | 'groupChanges' | 'configDesired' | 'command';

/**
 * What central says to this device. Every message is authenticated as raw bytes together with its topic and audience
 * before it is parsed (PROTOCOL.md), and refused when it is retained where that is not allowed. A refused one is a
 * `tamper` event and nothing else.
 */
export class SignedInbox {
  private readonly messenger: Messenger;
  private readonly identity: AgentIdentity;
  private readonly tamper: TamperLog;
  private readonly logger: Logger;

  constructor(messenger: Messenger, identity: AgentIdentity, tamper: TamperLog, logger: Logger) {
    this.messenger = messenger;
    this.identity = identity;
    this.tamper = tamper;
    this.logger = logger;
  }

  /**
   * Subscribes to one topic of this device, or of `groupId`. `handle` gets what is authentic; it may throw
   * `signature-invalid` or `replayed` for what it finds inside.
   * @param refuse told why something authentic has not the form of its topic; it is in the log all the same.
   */
  subscribe<N extends Exclude<InboxTopic, 'command'>>(
    name: N,
    groupId: string | null,
    handle: (payload: PayloadOf<N>) => void,
    refuse: (why: string) => void = () => undefined,
  ): Subscription {
    const { siteId, deviceId } = this.identity;
    const audience = groupId === null ? deviceAudience(siteId, deviceId) : groupAudience(siteId, groupId);
    const topic = buildTopic(name, { site: siteId, device: deviceId, group: groupId ?? undefined });
    return this.messenger.subscribe(topic, (message) => this.receive(name, audience, message, handle, refuse));
  }

  /** Subscribes to one command to this device; `handle` as for {@link subscribe}. */
  subscribeCommand(command: CommandName, handle: (message: CommandMessage) => void): Subscription {
    const { siteId, deviceId } = this.identity;
    const topic = buildTopic('command', { site: siteId, device: deviceId, command });
    const audience = deviceAudience(siteId, deviceId);
    return this.messenger.subscribe(topic, (message) =>
      this.receive('command', audience, message, handle, () => undefined),
    );
  }

  private receive<N extends InboxTopic>(
    name: N,
    audience: string,
    { topic, payload, retained }: ReceivedMessage,
    handle: (payload: PayloadOf<N>) => void,
    refuse: (why: string) => void,
  ): void {
    const { retain, signedBy } = topics[name];
    if (signedBy === null) throw new LatchkeyError('internal', `Topic "${name}" is not one that central signs.`);
    if (retained && !retain) {
      this.tamper.note('retained', topic, 'A retained message came where none is ever accepted.');
      return;
    }
    try {
      const text = openSigned(payload, {
        topic,
        audience,
        purpose: signedBy,
        trustedKeys: this.identity.trustedKeys,
      });
      handle(decodePayload(name, text));
    } catch (error) {
      if (isLatchkeyError(error, 'signature-invalid') || isLatchkeyError(error, 'replayed')) {
        this.tamper.note(error.code === 'replayed' ? 'replayed' : 'signature-invalid', topic, error.message);
      } else {
        // Authentic, and yet not understood or not stored: a fault of ours or of central, not an attack.
        this.logger.error({ error, topic }, 'a message of central could not be used');
        if (isLatchkeyError(error, 'invalid-payload')) refuse(error.message);
      }
    }
  }
}

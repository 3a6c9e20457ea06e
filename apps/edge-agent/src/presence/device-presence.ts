import { type AgentIdentity, buildTopic, encodePayload, type Presence } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import type { MqttWill } from '@latchkey/link';

/** What birth and Will say beside the state. */
export interface DeviceDescription {
  readonly agentVersion: string;
  readonly modelId: string | null;
  readonly engine: string | null;
}

/**
 * What the device says of its being there. Every connection is a session of its own, so that the Will of a connection
 * which breaks late does not contradict the birth of the one after it (PROTOCOL.md §1).
 */
export class DevicePresence {
  readonly topic: string;
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly description: DeviceDescription;
  private session: { readonly sessionId: string; readonly since: string };

  constructor(identity: AgentIdentity, clock: Clock, newId: () => string, description: DeviceDescription) {
    this.topic = buildTopic('presence', { site: identity.siteId, device: identity.deviceId });
    this.clock = clock;
    this.newId = newId;
    this.description = description;
    this.session = this.newSession();
  }

  /** The Will of the connection that is about to be made; begins its session. */
  will(): MqttWill {
    this.session = this.newSession();
    return { topic: this.topic, payload: this.payload('offline'), qos: 1, retain: true };
  }

  /** Birth or farewell of the present session. */
  payload(state: Presence['state']): string {
    return encodePayload('presence', { state, ...this.session, ...this.description });
  }

  private newSession(): { sessionId: string; since: string } {
    return { sessionId: this.newId(), since: new Date(this.clock.now()).toISOString() };
  }
}

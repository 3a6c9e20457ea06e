import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AckMessage,
  type AgentIdentity,
  ackMessage,
  buildTopic,
  deviceAudience,
  deviceClientId,
  type EventEnvelope,
  type EventKind,
  type FaceBody,
  parseJson,
} from '@latchkey/contracts';
import { bodyHashOf, inRanges, uuidV7 } from '@latchkey/domain';
import { MqttSession, openSigned } from '@latchkey/link';
import { eventually } from '@latchkey/testing';

/** A face that is nobody's. */
export function aFace(overrides: Partial<FaceBody> = {}): FaceBody {
  return {
    personId: null,
    claimedPersonId: null,
    distance: 0.83,
    maxDistance: 0.5,
    margin: null,
    decision: 'unknown',
    reasons: ['too-far'],
    liveness: null,
    quality: 71,
    modelId: 'test-model',
    galleryRevision: 3,
    trackId: randomUUID(),
    box: { x: 10, y: 20, width: 120, height: 140 },
    snapshotId: null,
    encoding: null,
    ...overrides,
  };
}

/** An event of a stream; what is given replaces what would be right. */
export function anEvent(
  kind: EventKind,
  body: unknown,
  place: { readonly streamId: string; readonly seq: number },
  overrides: Partial<EventEnvelope> = {},
): EventEnvelope {
  return {
    ...place,
    id: uuidV7(Date.now(), randomBytes(16)),
    kind,
    occurredAt: new Date().toISOString(),
    clockOffsetMs: 12,
    clockTrusted: true,
    bodyHash: bodyHashOf(body),
    body,
    ...overrides,
  };
}

/** A device without outbox: sends exactly what a test says, and keeps every acknowledgement whose signature is right. */
export class RawDevice {
  readonly identity: AgentIdentity;
  readonly session: MqttSession;
  readonly acks: AckMessage[] = [];

  constructor(identity: AgentIdentity) {
    this.identity = identity;
    const { siteId, deviceId, mqtt } = identity;
    this.session = new MqttSession({
      ...mqtt,
      clientId: deviceClientId(siteId, deviceId),
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
    });
    const topic = buildTopic('ack', { site: siteId, device: deviceId });
    this.session.subscribe(topic, ({ payload }) => {
      const text = openSigned(payload, {
        topic,
        audience: deviceAudience(siteId, deviceId),
        purpose: 'ack',
        trustedKeys: identity.trustedKeys,
      });
      this.acks.push(ackMessage.parse(parseJson('ack', text)));
    });
  }

  async connect(): Promise<void> {
    this.session.start();
    await eventually('the device connects', () => this.session.connected);
  }

  async stop(): Promise<void> {
    await this.session.stop();
  }

  /** Publishes bytes on one of the device's event topics. */
  async publish(kind: EventKind, payload: string | Uint8Array): Promise<void> {
    const { siteId: site, deviceId: device } = this.identity;
    await this.session.publish(buildTopic('event', { site, device, kind }), payload);
  }

  /** Publishes events in this order. */
  async send(...events: readonly EventEnvelope[]): Promise<void> {
    await Promise.all(events.map((event) => this.publish(event.kind, JSON.stringify(event))));
  }

  /** Sequence numbers of a stream that were acknowledged as being in the log. */
  committed(streamId: string): number[] {
    const ranges = this.acks.filter((ack) => ack.streamId === streamId).flatMap((ack) => ack.ranges);
    const last = Math.max(0, ...ranges.map(([, to]) => to));
    return Array.from({ length: last }, (_, i) => i + 1).filter((seq) => inRanges(ranges, seq));
  }

  /** Code with which a number was rejected; undefined when it was not. */
  rejection(streamId: string, seq: number): string | undefined {
    return this.acks
      .filter((ack) => ack.streamId === streamId)
      .flatMap((ack) => ack.rejected)
      .find((rejected) => rejected.seq === seq)?.code;
  }

  /** Waits until these numbers are acknowledged as being in the log. */
  async untilCommitted(streamId: string, ...sequences: readonly number[]): Promise<void> {
    await eventually(`the acknowledgement of ${sequences.join(', ')}`, () => {
      const committed = this.committed(streamId);
      return sequences.every((seq) => committed.includes(seq));
    });
  }

  /** Waits until a number is rejected, and answers with the code. */
  untilRejected(streamId: string, seq: number): Promise<string> {
    return eventually(`the rejection of ${seq}`, () => this.rejection(streamId, seq));
  }
}

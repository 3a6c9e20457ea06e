import { LatchkeyError } from '@latchkey/domain';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { OrderedAcks } from './ordered-acks.ts';

/** A message as a subscriber gets it. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It was kept by the broker from before this subscription; never set on a live message. */
  readonly retained: boolean;
  /** The broker sends it again, not knowing whether it arrived. */
  readonly duplicate: boolean;
}

/** What one connection tells its session. */
export interface ConnectionListener {
  /** The broker has accepted the connection. */
  opened(): void;
  /**
   * A message came. `settle(true)` acknowledges it, in order of arrival; `settle(false)` leaves it unacknowledged for good.
   */
  received(message: ReceivedMessage, settle: (acknowledge: boolean) => void): void;
  /** It is over, whatever the reason; called once. */
  closed(cause: unknown): void;
}

// A failure that tells mqtt.js to go on with the next packet and not to acknowledge this one: we do so later.
const acknowledgedLater = new Error('acknowledged by the session');

/**
 * One TCP connection to a broker from CONNECT to its end; a lost one is never revived, the session makes a new one. So nothing
 * of mqtt.js's own resending, resubscribing and queueing takes part: what must not be lost is in an outbox.
 */
export class MqttConnection {
  private readonly client: MqttClient;
  private readonly listener: ConnectionListener;
  private readonly acks: OrderedAcks;
  private readonly pending = new Set<(reason: LatchkeyError) => void>();
  private over = false;

  constructor(url: string, options: IClientOptions, listener: ConnectionListener) {
    this.listener = listener;
    this.client = connect(url, {
      ...options,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    this.acks = new OrderedAcks((messageId) => this.writeAck(messageId));
    this.client.handleMessage = (packet, done) => {
      this.receive(packet);
      done(packet.qos === 1 ? acknowledgedLater : undefined);
    };
    this.client.on('connect', () => {
      if (!this.over) this.listener.opened();
    });
    this.client.on('error', (error) => this.finish(error));
    this.client.on('close', () => this.finish(undefined));
    setNoDelay(this.client.stream);
  }

  /**
   * Subscribes; resolves when the broker has granted it.
   * @throws LatchkeyError `broker-unavailable` when it refuses or the connection ends.
   */
  subscribe(filters: ReadonlyMap<string, 0 | 1>): Promise<void> {
    if (filters.size === 0) return Promise.resolve();
    const request = Object.fromEntries([...filters].map(([filter, qos]) => [filter, { qos }]));
    return this.attempt(`subscribe to ${[...filters.keys()].join(', ')}`, (done) =>
      this.client.subscribe(request, done),
    );
  }

  /** Ends a subscription. Throws as {@link subscribe}. */
  unsubscribe(filter: string): Promise<void> {
    return this.attempt(`unsubscribe from ${filter}`, (done) => this.client.unsubscribe(filter, done));
  }

  /** Publishes; at QoS 1 resolves when the broker has acknowledged. Throws as {@link subscribe}. */
  publish(topic: string, payload: string | Uint8Array, qos: 0 | 1, retain: boolean): Promise<void> {
    const bytes = Buffer.from(payload);
    return this.attempt(`publish on ${topic}`, (done) => this.client.publish(topic, bytes, { qos, retain }, done));
  }

  /** How many publishes and subscriptions wait for the broker's answer. */
  get unanswered(): number {
    return this.pending.size;
  }

  /** Ends at once, as a crash would: the broker publishes the Will. */
  destroy(cause: unknown): void {
    this.finish(cause);
  }

  /** Says good-bye, so that the broker does not publish the Will; resolves when the socket is closed, after `timeoutMs` at the latest. */
  async disconnect(timeoutMs: number): Promise<void> {
    if (this.over) return;
    this.over = true;
    const { stream } = this.client;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      // DISCONNECT, MQTT 3.1.1 §3.14. mqtt.js's own `end` waits for outstanding acknowledgements without limit.
      stream.end(Buffer.from([0xe0, 0x00]));
    });
    this.release(undefined);
  }

  private receive(packet: IPublishPacket): void {
    if (this.over) return;
    const message: ReceivedMessage = {
      topic: packet.topic,
      payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      retained: packet.retain,
      duplicate: packet.dup,
    };
    const slot = packet.qos === 1 && packet.messageId !== undefined ? this.acks.reserve(packet.messageId) : null;
    this.listener.received(message, (acknowledge) => {
      if (acknowledge) slot?.acknowledge();
      else slot?.abandon();
    });
  }

  /** PUBACK, MQTT 3.1.1 §3.4; MQTT 5 §3.4 reads the short form as success. */
  private writeAck(messageId: number): void {
    if (this.over || !this.client.connected) return;
    this.client.stream.write(Buffer.from([0x40, 0x02, messageId >> 8, messageId & 0xff]));
  }

  private attempt(what: string, start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.over) {
        reject(unavailable(what, undefined));
        return;
      }
      this.pending.add(reject);
      start((error) => {
        this.pending.delete(reject);
        if (error) reject(unavailable(what, error));
        else resolve();
      });
    });
  }

  private finish(cause: unknown): void {
    if (this.over) return;
    this.over = true;
    this.release(cause);
    this.listener.closed(cause);
  }

  private release(cause: unknown): void {
    this.client.end(true);
    for (const reject of this.pending) reject(unavailable('reach the broker', cause));
    this.pending.clear();
  }
}

function unavailable(what: string, cause: unknown): LatchkeyError {
  const reason = cause instanceof Error ? cause.message : 'the connection has ended';
  return new LatchkeyError('broker-unavailable', `Could not ${what}: ${reason}.`, { cause });
}

/** Small messages must not wait for each other (DESIGN.md §6: TCP no-delay). mqtt.js has no option for it. */
function setNoDelay(stream: object): void {
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
}

import {
  type AckMessage,
  buildTopic,
  decodePayload,
  deviceAudience,
  type EventEnvelope,
  parseTopic,
  topicFilter,
} from '@latchkey/contracts';
import { toRanges } from '@latchkey/domain';
import { MqttSession, type ReceivedMessage, type SigningKeys } from '@latchkey/link';

/** Options of a {@link MemoryCentral}. */
export interface MemoryCentralOptions {
  readonly url: string;
  readonly keys: SigningKeys;
  /** Which of the events that arrive are lost before they are committed. */
  readonly loses?: (event: EventEnvelope, copy: number) => boolean;
  /** It acknowledges so many copies, and falls silent. Default: all. */
  readonly acknowledgesFirst?: number;
  /** Which events are refused, with the code. */
  readonly rejects?: (event: EventEnvelope) => string | null;
}

/** Central's side of PROTOCOL.md §2 in memory: commits each number of each stream once, and acknowledges signed what it has. */
export class MemoryCentral {
  private readonly options: MemoryCentralOptions;
  private readonly session: MqttSession;
  private readonly log = new Map<string, EventEnvelope>();
  private readonly copies = new Map<string, number>();
  private readonly order: EventEnvelope[] = [];
  /** Grows when a test pretends that the database was restored. */
  databaseEpoch = 1;
  /** While false, events are committed and not acknowledged. */
  acknowledges = true;

  constructor(options: MemoryCentralOptions) {
    this.options = options;
    this.session = new MqttSession({
      url: options.url,
      clientId: 'memory-central',
      username: 'central',
      password: 'central',
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
    });
  }

  get connected(): boolean {
    return this.session.connected;
  }

  /** Committed events in the order of their commit. */
  get committed(): readonly EventEnvelope[] {
    return this.order;
  }

  /** How many copies of events arrived, those included that were lost. */
  get arrived(): number {
    return [...this.copies.values()].reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.session.subscribe(topicFilter('event'), (message) => this.receive(message));
    this.session.start();
  }

  stop(): Promise<void> {
    return this.session.stop();
  }

  /** Forgets everything, as a restored database does, and raises the epoch. */
  restoreToNothing(): void {
    this.log.clear();
    this.order.splice(0);
    this.databaseEpoch++;
  }

  /** Publishes an acknowledgement, whatever it says. */
  async acknowledge(siteId: string, deviceId: string, ack: AckMessage, { retain = false } = {}): Promise<void> {
    const topic = buildTopic('ack', { site: siteId, device: deviceId });
    const message = { topic, audience: deviceAudience(siteId, deviceId), payload: JSON.stringify(ack) };
    await this.session.publish(topic, this.options.keys.sign('ack', message), { retain });
  }

  private receive({ topic, payload }: ReceivedMessage): void {
    const event = decodePayload('event', payload);
    const { site = '', device = '' } = parseTopic(topic)?.params ?? {};
    const key = `${event.streamId}/${event.seq}`;
    const copy = (this.copies.get(key) ?? 0) + 1;
    this.copies.set(key, copy);
    if (this.options.loses?.(event, copy)) return;
    const code = this.options.rejects?.(event) ?? null;
    if (code === null && !this.log.has(key)) {
      this.log.set(key, event);
      this.order.push(event);
    }
    if (!this.acknowledges || this.arrived > (this.options.acknowledgesFirst ?? Number.POSITIVE_INFINITY)) return;
    const ranges = code === null ? toRanges([event.seq]).map(([from, to]): [number, number] => [from, to]) : [];
    const rejected = code === null ? [] : [{ seq: event.seq, code }];
    const ack = { streamId: event.streamId, ranges, rejected, databaseEpoch: this.databaseEpoch };
    // Lost with the connection: the device sends the event again and gets another.
    this.acknowledge(site, device, ack).catch(() => undefined);
  }
}

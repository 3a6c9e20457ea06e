import {
  type AckMessage,
  buildTopic,
  decodePayload,
  deviceAudience,
  encodePayload,
  type TrustedKey,
} from '@latchkey/contracts';
import { inRanges, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { Backoff } from '../session/backoff.ts';
import type { ReceivedMessage } from '../session/mqtt-connection.ts';
import type { MqttSession } from '../session/mqtt-session.ts';
import type { Subscription } from '../session/mqtt-subscription.ts';
import { openSigned } from '../signing/open-signed.ts';
import type { Outbox } from './outbox.ts';
import type { OutboxEntry } from './outbox-row.ts';
import type { ClockState } from './outbox-types.ts';

/** Options of an {@link EventUplink}. */
export interface EventUplinkOptions {
  readonly outbox: Outbox;
  readonly session: MqttSession;
  readonly siteId: string;
  readonly deviceId: string;
  /** Whose acknowledgements count. */
  readonly trustedKeys: readonly TrustedKey[];
  /** What the device knows of its clock, for the `tamper` events that the uplink itself appends. */
  readonly clockState: () => ClockState;
  /** Most events in flight without acknowledgement; bounds the broker's queue. Default 200. */
  readonly window?: number;
  /** Time without progress after which everything is sent again, doubling up to `maxResendMs`. Defaults 2,000 and 30,000. */
  readonly resendAfterMs?: number;
  readonly maxResendMs?: number;
  /** Shortest time between two `tamper` events, or two reports of void acknowledgements. Default 60,000. */
  readonly tamperIntervalMs?: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
  /** Told what went wrong in the background. */
  readonly onProblem?: (problem: LatchkeyError) => void;
}

interface InFlight {
  readonly streamId: string;
  readonly seq: number;
  readonly rowOrder: number;
}

const defaultResendAfterMs = 2_000;
/** With pictures some 5 ms of work: the agent's loop never blocks over 20 ms (DESIGN.md §5). */
const sentPerTurn = 25;

type TamperSort = 'signature-invalid' | 'retained';
/** What is told of at most once in a while. */
type RareSort = TamperSort | 'stale';

/**
 * Sends what is in the outbox until central acknowledges it (PROTOCOL.md §2): at QoS 1, oldest first, again after every connect
 * and after 2 s in which the oldest made no progress. PUBACK means nothing here: only a signed, live `ack` for this device empties
 * the outbox. After a connect or a standstill the oldest event goes alone, and the window opens when that one is acknowledged: so
 * a central that does not listen yet loses no events out of the middle, and a broker without central has one event a device to keep.
 */
export class EventUplink {
  private readonly options: EventUplinkOptions;
  private readonly ackTopic: string;
  private readonly window: number;
  private readonly backoff: Backoff;
  private readonly inFlight = new Map<string, InFlight>();
  private readonly lastToldAtMs = new Map<RareSort, number>();
  private readonly drainWaiters = new Set<() => void>();
  private readonly undo: (() => void)[] = [];
  private subscription: Subscription | null = null;
  private resendTimer: NodeJS.Timeout | null = null;
  private sendScheduled = false;
  private lastSentRowOrder = 0;
  private lastSentAtMs = 0;
  /** Whether central has acknowledged something since the last connect or standstill. */
  private confirmed = false;

  constructor(options: EventUplinkOptions) {
    this.options = options;
    this.ackTopic = buildTopic('ack', { site: options.siteId, device: options.deviceId });
    this.window = options.window ?? 200;
    const minMs = options.resendAfterMs ?? defaultResendAfterMs;
    // Doubled, because a back-off waits at least half of its step: never less than `minMs`.
    this.backoff = new Backoff({
      minMs: 2 * minMs,
      maxMs: Math.max(2 * minMs, options.maxResendMs ?? 30_000),
      random: options.random ?? Math.random,
    });
  }

  /** Begins to send whatever the session's state is. May be called twice. */
  start(): void {
    if (this.subscription) return;
    const { session, outbox } = this.options;
    this.subscription = session.subscribe(this.ackTopic, (message) => this.receiveAck(message));
    this.undo.push(
      outbox.onPending((what) => this.hasMore(what)),
      session.onConnected(() => this.beginAnew()),
      session.onDisconnected(() => this.pauseResending()),
    );
  }

  /** Ends sending; what is pending stays in the outbox. May be called twice. */
  async stop(): Promise<void> {
    for (const undo of this.undo.splice(0)) undo();
    this.pauseResending();
    this.inFlight.clear();
    const { subscription } = this;
    this.subscription = null;
    await subscription?.close();
  }

  /** Resolves when nothing is pending any more. */
  drained(): Promise<void> {
    if (this.options.outbox.stats().pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.drainWaiters.add(resolve));
  }

  private hasMore(what: 'appended' | 'resurrected'): void {
    if (what === 'resurrected') this.beginAnew();
    else if (this.isProbeOld()) this.resend();
    else this.sendSoon();
  }

  /** Whether a single event waits longer than usual: somebody may watch live, so the long steps of the back-off are cut short. */
  private isProbeOld(): boolean {
    const ageMs = performance.now() - this.lastSentAtMs;
    return !this.confirmed && this.inFlight.size > 0 && ageMs >= (this.options.resendAfterMs ?? defaultResendAfterMs);
  }

  private sendSoon(): void {
    if (this.sendScheduled) return;
    this.sendScheduled = true;
    setImmediate(() => {
      this.sendScheduled = false;
      this.sendWindow();
    });
  }

  private beginAnew(): void {
    this.backoff.reset();
    this.resend();
  }

  /** Forgets what is under way and begins with the oldest event, alone. */
  private resend(): void {
    this.inFlight.clear();
    this.lastSentRowOrder = 0;
    this.confirmed = false;
    this.pauseResending();
    this.sendSoon();
  }

  private sendWindow(): void {
    const { outbox, session } = this.options;
    if (!this.subscription || !session.connected) return;
    let isUnread = false;
    try {
      const room = (this.confirmed ? this.window : 1) - this.inFlight.size;
      const limit = Math.min(room, sentPerTurn);
      const entries = limit > 0 ? outbox.pending({ limit, afterRowOrder: this.lastSentRowOrder }) : [];
      for (const entry of entries) {
        this.lastSentRowOrder = entry.rowOrder;
        this.send(entry);
      }
      if (entries.length === limit && room > limit) this.sendSoon();
    } catch (cause) {
      isUnread = true;
      this.report(cause, 'Events could not be read from the outbox');
    }
    // What could not be read is tried again like what was not acknowledged: nothing else would come back to it.
    if (this.inFlight.size > 0 || isUnread) this.resendLater();
  }

  private send({ rowOrder, envelope }: OutboxEntry): void {
    const { siteId, deviceId, session } = this.options;
    const { streamId, seq } = envelope;
    this.inFlight.set(keyOf(envelope), { streamId, seq, rowOrder });
    this.lastSentAtMs = performance.now();
    const topic = buildTopic('event', { site: siteId, device: deviceId, kind: envelope.kind });
    // A failed publish needs no care: the connection is gone, or the resend timer brings it again.
    void session.publish(topic, encodePayload('event', envelope), { qos: 1 });
  }

  private resendLater(): void {
    this.resendTimer ??= setTimeout(() => this.resend(), this.backoff.nextMs());
  }

  private pauseResending(): void {
    if (this.resendTimer) clearTimeout(this.resendTimer);
    this.resendTimer = null;
  }

  private receiveAck({ payload, retained }: ReceivedMessage): void {
    if (retained) {
      this.tamper('retained', 'An acknowledgement that the broker had kept was ignored.');
      return;
    }
    let ack: AckMessage;
    try {
      const text = openSigned(payload, {
        topic: this.ackTopic,
        audience: deviceAudience(this.options.siteId, this.options.deviceId),
        purpose: 'ack',
        trustedKeys: this.options.trustedKeys,
      });
      ack = decodePayload('ack', text);
    } catch (cause) {
      if (isLatchkeyError(cause, 'signature-invalid')) this.tamper('signature-invalid', cause.message);
      else this.report(cause, 'An acknowledgement was not understood');
      return;
    }
    this.applyAck(ack);
  }

  private applyAck(ack: AckMessage): void {
    const { outbox } = this.options;
    try {
      const outcome = outbox.acknowledge(ack);
      if (outcome.stale) {
        this.reportStale(ack);
        return;
      }
      const oldest = this.oldestInFlight();
      for (const [key, { streamId, seq }] of this.inFlight) {
        if (streamId !== ack.streamId) continue;
        if (!inRanges(ack.ranges, seq) && !ack.rejected.some((refused) => refused.seq === seq)) continue;
        this.inFlight.delete(key);
        this.confirmed = true;
      }
      // Only the oldest counts as progress: a single lost event must not wait behind a stream of newer ones.
      if (this.oldestInFlight() !== oldest) {
        this.backoff.reset();
        this.pauseResending();
      }
      if (outcome.quarantined > 0) {
        this.report(
          new LatchkeyError(
            'invalid-payload',
            `central refused ${outcome.quarantined} events: ${ack.rejected[0]?.code}`,
          ),
          'Events were moved into the quarantine',
        );
      }
      if (outbox.stats().pending === 0) this.drain();
      this.sendSoon();
      if (this.inFlight.size > 0) this.resendLater();
    } catch (cause) {
      this.report(cause, 'An acknowledgement could not be stored; its events are sent again');
    }
  }

  private oldestInFlight(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { rowOrder } of this.inFlight.values()) oldest = Math.min(oldest, rowOrder);
    return oldest;
  }

  private drain(): void {
    for (const resolve of this.drainWaiters) resolve();
    this.drainWaiters.clear();
  }

  private tamper(what: TamperSort, message: string): void {
    if (!this.isDue(what)) return;
    try {
      const body = { what, topic: this.ackTopic, message: message.slice(0, 1000) };
      this.options.outbox.append({ kind: 'tamper', body, ...this.options.clockState() });
    } catch (cause) {
      this.report(cause, 'A bad acknowledgement could not be recorded');
    }
  }

  /** A single one is late; when they go on, central announces one epoch and acknowledges with another, and nothing is settled. */
  private reportStale({ databaseEpoch }: AckMessage): void {
    if (!this.isDue('stale')) return;
    const known = this.options.outbox.stats().databaseEpoch;
    const message = `it is of database epoch ${databaseEpoch}, central has announced ${known}; its events are sent again`;
    this.report(new LatchkeyError('replayed', message), 'An acknowledgement is void');
  }

  /** Whether something of this sort may be told of again; then it counts as told. */
  private isDue(sort: RareSort): boolean {
    const now = performance.now();
    const last = this.lastToldAtMs.get(sort);
    if (last !== undefined && now - last < (this.options.tamperIntervalMs ?? 60_000)) return false;
    this.lastToldAtMs.set(sort, now);
    return true;
  }

  private report(cause: unknown, what: string): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code = isLatchkeyError(cause) ? cause.code : 'internal';
    this.options.onProblem?.(new LatchkeyError(code, `${what}: ${reason}`, { cause }));
  }
}

function keyOf({ streamId, seq }: { readonly streamId: string; readonly seq: number }): string {
  return `${streamId}/${seq}`;
}

import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { Backoff } from './backoff.ts';
import { MqttConnection, type ReceivedMessage } from './mqtt-connection.ts';
import {
  type MessageHandler,
  MqttSubscription,
  type Subscription,
  type SubscriptionLimits,
} from './mqtt-subscription.ts';

/** What the broker publishes when the connection breaks. */
export interface MqttWill {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Options of an {@link MqttSession}. */
export interface MqttSessionOptions {
  /** `mqtt://host:port`, `mqtts://host:port`, `ws://…` or `wss://…`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Unique among all clients of the broker. */
  readonly clientId: string;
  /** A function is asked before every connection, so that each can have a `sessionId` of its own. */
  readonly will?: MqttWill | (() => MqttWill);
  /** 4: MQTT 3.1.1 (default). 5: MQTT 5. */
  readonly protocolVersion?: 4 | 5;
  /** For `mqtts` and `wss`: PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Seconds without traffic after which the broker is asked whether it lives; default 15. */
  readonly keepaliveS?: number;
  readonly connectTimeoutMs?: number;
  /** Shortest and longest wait before connecting again; defaults 1,000 and 30,000. */
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
  /** How much of one subscription may wait for its handlers, see {@link MqttSession.subscribe}; defaults 2,000 and 32 MiB. */
  readonly maxUnhandledMessages?: number;
  readonly maxUnhandledBytes?: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
  /** Told what went wrong in the background: lost connections, refused subscriptions, failed handlers. */
  readonly onProblem?: (problem: LatchkeyError) => void;
}

interface Link {
  readonly connection: MqttConnection;
  ready: boolean;
  /** Something was left unacknowledged to bound memory; a new connection gets it again. */
  shed: boolean;
  /** Waits before refused subscriptions are asked for again. */
  readonly refusals: Backoff;
}

const disconnectTimeoutMs = 2_000;

/**
 * A session with a broker that outlives its connections: connects again for ever with back-off and jitter, restores its
 * subscriptions, and never throws from the background. It knows nothing of Latchkey's topics and publishes nothing by itself.
 */
export class MqttSession {
  private readonly options: MqttSessionOptions;
  private readonly backoff: Backoff;
  private readonly subscriptions = new Set<MqttSubscription>();
  private readonly connectedListeners = new Set<() => void | Promise<void>>();
  private readonly disconnectedListeners = new Set<() => void>();
  private link: Link | null = null;
  private reconnectTimer: NodeJS.Timeout | null = null;
  private running = false;

  constructor(options: MqttSessionOptions) {
    this.options = options;
    this.backoff = this.newBackoff();
  }

  /** Whether the broker has accepted the connection and every subscription was asked for. */
  get connected(): boolean {
    return this.link?.ready ?? false;
  }

  /** Begins to connect and returns at once. May be called twice. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.backoff.reset();
    this.connectNow();
  }

  /**
   * Waits up to two seconds for the broker's answers to what was published, then disconnects without the Will. Handlers that
   * still run are not waited for; close their subscriptions first. May be called twice.
   */
  async stop(): Promise<void> {
    this.running = false;
    if (this.reconnectTimer) clearTimeout(this.reconnectTimer);
    this.reconnectTimer = null;
    const { link } = this;
    if (!link) return;
    for (let waitedMs = 0; link.connection.unanswered > 0 && waitedMs < disconnectTimeoutMs; waitedMs += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.link !== link) return;
    this.link = null;
    await link.connection.disconnect(disconnectTimeoutMs);
    if (link.ready) this.tell(this.disconnectedListeners);
  }

  /**
   * Publishes over the present connection; resolves at QoS 1 with the broker's PUBACK, at QoS 0 when written. Nothing is
   * queued while there is no connection. Ignoring the promise is safe.
   * @throws LatchkeyError `broker-unavailable` without a connection, or when it ends before the PUBACK.
   */
  publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 1, retain = false }: { readonly qos?: 0 | 1; readonly retain?: boolean } = {},
  ): Promise<void> {
    const published = this.link?.ready
      ? this.link.connection.publish(topic, payload, qos, retain)
      : Promise.reject(new LatchkeyError('broker-unavailable', `Could not publish on ${topic}: not connected.`));
    published.catch(() => undefined);
    return published;
  }

  /**
   * Subscribes now and at every connect. Handlers of one subscription run at the same time, acknowledgements keep the order
   * of arrival. While `maxUnhandledMessages` wait, further live ones are left unacknowledged, and the session connects anew
   * once it has caught up: memory stays bounded, the broker tells again what it keeps, devices resend events and ask again.
   */
  subscribe(filter: string, handler: MessageHandler, { qos = 1 }: { readonly qos?: 0 | 1 } = {}): Subscription {
    const limits: SubscriptionLimits = {
      messages: this.options.maxUnhandledMessages ?? 2_000,
      bytes: this.options.maxUnhandledBytes ?? 32 * 1024 * 1024,
    };
    const subscription = new MqttSubscription(filter, qos, handler, limits, (closed) => this.unsubscribe(closed));
    this.subscriptions.add(subscription);
    if (this.link?.ready) void this.ask(this.link, [subscription]);
    return subscription;
  }

  /**
   * Calls `listener` after every connect, when all subscriptions were asked for, once more when one that was refused is granted
   * after all (messages may have been missed), and now if connected. Returns its removal.
   */
  onConnected(listener: () => void | Promise<void>): () => void {
    this.connectedListeners.add(listener);
    if (this.connected) this.tell([listener]);
    return () => this.connectedListeners.delete(listener);
  }

  /** Calls `listener` whenever the connection has ended. Returns its removal. */
  onDisconnected(listener: () => void): () => void {
    this.disconnectedListeners.add(listener);
    return () => this.disconnectedListeners.delete(listener);
  }

  private connectNow(): void {
    const { options } = this;
    try {
      const will = typeof options.will === 'function' ? options.will() : options.will;
      const connection = new MqttConnection(
        options.url,
        {
          clientId: options.clientId,
          username: options.username,
          password: options.password,
          protocolVersion: options.protocolVersion ?? 4,
          keepalive: options.keepaliveS ?? 15,
          connectTimeout: options.connectTimeoutMs ?? 10_000,
          ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
          ...options.tls,
        },
        {
          opened: () => void this.opened(link),
          received: (message, settle) => this.received(link, message, settle),
          closed: (cause) => this.closed(link, cause),
        },
      );
      const link: Link = { connection, ready: false, shed: false, refusals: this.newBackoff() };
      this.link = link;
    } catch (cause) {
      this.report(cause, 'The connection could not be begun');
      this.reconnectLater();
    }
  }

  private async opened(link: Link): Promise<void> {
    // Retained messages come before the answer to a subscription, and who handles them may subscribe to more.
    const asked = new Set<MqttSubscription>();
    for (;;) {
      const wanted = [...this.subscriptions].filter((subscription) => !asked.has(subscription));
      if (wanted.length === 0) break;
      for (const subscription of wanted) asked.add(subscription);
      await this.ask(link, wanted);
    }
    if (this.link !== link || !this.running) return;
    this.backoff.reset();
    link.ready = true;
    this.tell(this.connectedListeners);
  }

  /** Asks for subscriptions; true when all are granted. Others are asked for again: who decides may have lost its database. */
  private async ask(link: Link, wanted: readonly MqttSubscription[]): Promise<boolean> {
    try {
      await link.connection.subscribe(new Map(wanted.map(({ filter, qos }) => [filter, qos])));
      return true;
    } catch (cause) {
      if (this.link !== link) return false;
      this.report(cause, 'A subscription was refused');
      setTimeout(() => void this.askAgain(link, wanted), link.refusals.nextMs()).unref();
      return false;
    }
  }

  private async askAgain(link: Link, refused: readonly MqttSubscription[]): Promise<void> {
    const wanted = refused.filter((subscription) => this.subscriptions.has(subscription));
    if (this.link !== link || wanted.length === 0) return;
    if ((await this.ask(link, wanted)) && this.link === link && link.ready) this.tell(this.connectedListeners);
  }

  private newBackoff(): Backoff {
    const { reconnectMinMs = 1_000, reconnectMaxMs = 30_000, random = Math.random } = this.options;
    return new Backoff({ minMs: reconnectMinMs, maxMs: reconnectMaxMs, random });
  }

  private closed(link: Link, cause: unknown): void {
    if (this.link !== link) return;
    this.link = null;
    if (link.ready) this.tell(this.disconnectedListeners);
    if (!this.running) return;
    this.report(cause ?? new Error('the broker closed it'), 'The connection to the broker was lost');
    this.reconnectLater();
  }

  private reconnectLater(): void {
    if (!this.running) return;
    this.reconnectTimer = setTimeout(() => this.connectNow(), this.backoff.nextMs());
  }

  private received(link: Link, message: ReceivedMessage, settle: (acknowledge: boolean) => void): void {
    const targets = [...this.subscriptions].filter((subscription) => subscription.matches(message.topic));
    // What the broker keeps is bounded by the topics there are; refusing some of it would only bring the same burst again.
    if (!message.retained && targets.some((subscription) => subscription.full)) {
      settle(false);
      link.shed = true;
      return;
    }
    const handled = targets.map((subscription) => subscription.handle(message));
    void Promise.allSettled(handled).then((outcomes) => {
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') this.report(outcome.reason, `A handler of ${message.topic} failed`);
      }
      settle(true);
      this.renewAfterShedding(link);
    });
  }

  private renewAfterShedding(link: Link): void {
    if (!link.shed || this.link !== link || [...this.subscriptions].some((subscription) => !subscription.caughtUp))
      return;
    link.connection.destroy(new Error('messages came faster than they were handled; they are asked for again'));
  }

  private unsubscribe(closed: MqttSubscription): void {
    this.subscriptions.delete(closed);
    const stillWanted = [...this.subscriptions].some(({ filter }) => filter === closed.filter);
    if (this.link?.ready && !stillWanted) this.requestNow(this.link.connection.unsubscribe(closed.filter));
  }

  private requestNow(request: Promise<void>): void {
    request.catch((cause: unknown) => this.report(cause, 'A subscription could not be changed'));
  }

  private tell(listeners: Iterable<() => void | Promise<void>>): void {
    for (const listener of [...listeners]) {
      void (async () => listener())().catch((cause: unknown) => this.report(cause, 'A listener failed'));
    }
  }

  private report(cause: unknown, what: string): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code = isLatchkeyError(cause) ? cause.code : 'broker-unavailable';
    try {
      this.options.onProblem?.(new LatchkeyError(code, `${what}: ${reason}`, { cause }));
    } catch {
      // A logger that fails must not take the session down.
    }
  }
}

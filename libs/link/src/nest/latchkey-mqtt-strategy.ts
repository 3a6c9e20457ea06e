import { decodePayload, type PayloadOf, parseTopic, type TopicName, topicFilter, topics } from '@latchkey/contracts';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ReceivedMessage } from '../session/mqtt-connection.ts';
import { MqttSession, type MqttSessionOptions } from '../session/mqtt-session.ts';
import type { Subscription } from '../session/mqtt-subscription.ts';
import { LinkContext } from './link-context.ts';

/** Options of a {@link LatchkeyMqttStrategy}. */
export interface LatchkeyMqttStrategyOptions {
  /** A session that somebody else stops, or the options of one that the strategy makes and stops itself. */
  readonly session: MqttSession | MqttSessionOptions;
  /**
   * `$share/ingest/` where the broker supports shared subscriptions, so that instances of central share the work. Retained
   * topics are never shared: a shared subscription does not deliver what the broker has kept. Default: off.
   */
  readonly sharePrefix?: string;
  /** Gets messages whose topic or payload is not of its contract; acknowledged to the broker when it has resolved. */
  readonly onInvalid?: (topic: string, bytes: Uint8Array, error: LatchkeyError) => void | Promise<void>;
  /** Told of a handler's failure; the message is acknowledged then, since a clean session never gets it again. */
  readonly onFailure?: (topic: string, error: unknown) => void;
  /** Failures after which the handler is called again until it succeeds or the strategy closes. Default: `database-unavailable`. */
  readonly isTemporary?: (error: unknown) => boolean;
  /** Shortest and longest wait before a handler is called again; defaults 200 and 5,000. */
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
}

type StrategyEvents = Record<string, never>;

/**
 * Nest transport over {@link MqttSession}: `@EventPattern('presence')` takes a name of contracts' `topics`; the handler gets
 * the parsed payload and a {@link LinkContext}. Payloads are decoded by the topic alone: `pattern`, `data` and `id` in them
 * mean nothing here, unlike in Nest's stock MQTT server. The broker gets its PUBACK after the handler has resolved.
 */
export class LatchkeyMqttStrategy extends Server<StrategyEvents> implements CustomTransportStrategy {
  private readonly options: LatchkeyMqttStrategyOptions;
  private readonly session: MqttSession;
  private readonly ownsSession: boolean;
  private subscriptions: Subscription[] = [];
  private closing = new AbortController();

  constructor(options: LatchkeyMqttStrategyOptions) {
    super();
    this.options = options;
    this.ownsSession = !(options.session instanceof MqttSession);
    this.session = options.session instanceof MqttSession ? options.session : new MqttSession(options.session);
  }

  /**
   * Subscribes to the topics of all handlers and starts the session; does not wait for the broker.
   * Calls back with LatchkeyError `config-invalid` when a pattern is no topic that devices write.
   */
  listen(callback: (error?: unknown) => void): void {
    try {
      const names = [...this.messageHandlers.keys()].map(topicNameOf);
      this.closing = new AbortController();
      this.subscriptions = names.map((name) =>
        this.session.subscribe(this.filterOf(name), (message) => this.receive(name, message), {
          qos: topics[name].qos,
        }),
      );
      this.session.start();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Takes no more messages, waits for the handlers that run, then stops the session if it is its own. May be called twice. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
    this.subscriptions = [];
    if (this.ownsSession) await this.session.stop();
  }

  /** There are no transport events to listen to; `MqttSession.onConnected` tells of the connection. */
  on(): void {}

  /** The session. */
  unwrap<T = MqttSession>(): T {
    return this.session as T;
  }

  private filterOf(name: TopicName): string {
    const prefix = topics[name].retain ? '' : (this.options.sharePrefix ?? '');
    return `${prefix}${topicFilter(name)}`;
  }

  private async receive(name: TopicName, message: ReceivedMessage): Promise<void> {
    const { topic, payload: bytes, retained } = message;
    let payload: PayloadOf<TopicName>;
    let context: LinkContext;
    try {
      const parsed = parseTopic(topic);
      if (parsed?.name !== name) {
        throw new LatchkeyError('invalid-payload', `"${topic}" is not a topic of "${name}".`);
      }
      payload = decodePayload(name, bytes);
      context = new LinkContext({ name, topic, params: parsed.params, retained, bytes });
      refuseForeignKind(context, payload);
    } catch (error) {
      await this.invalid(topic, bytes, error);
      return;
    }
    await this.handle(name, payload, context);
  }

  private async invalid(topic: string, bytes: Uint8Array, error: unknown): Promise<void> {
    const reason = isLatchkeyError(error)
      ? error
      : new LatchkeyError('invalid-payload', `A message on "${topic}" could not be read.`, { cause: error });
    try {
      await this.options.onInvalid?.(topic, bytes, reason);
    } catch (failure) {
      this.failed(topic, failure);
    }
  }

  private async handle(name: TopicName, payload: unknown, context: LinkContext): Promise<void> {
    const handler = this.messageHandlers.get(name);
    if (!handler) return;
    const { retryMinMs = 200, retryMaxMs = 5_000 } = this.options;
    const isTemporary = this.options.isTemporary ?? isDatabaseAway;
    for (let waitMs = retryMinMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
      try {
        await settle(handler, payload, context);
        return;
      } catch (error) {
        if (!isTemporary(error) || this.closing.signal.aborted) {
          this.failed(context.topic, error);
          return;
        }
      }
      await abortableWait(waitMs, this.closing.signal);
    }
  }

  private failed(topic: string, error: unknown): void {
    if (this.options.onFailure) this.options.onFailure(topic, error);
    else
      this.logger.error(
        `Handler of ${topic} failed: ${error instanceof Error ? error.message : JSON.stringify(error)}`,
      );
  }
}

/** Handlers return a value, a promise or an observable, chained ones of one pattern always an observable. */
async function settle(handler: MessageHandler, payload: unknown, context: LinkContext): Promise<void> {
  const result: unknown = await handler(payload, context);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}

function topicNameOf(pattern: string): TopicName {
  const name = Object.keys(topics).find((known): known is TopicName => known === pattern);
  if (!name || topics[name].from !== 'device') {
    throw new LatchkeyError(
      'config-invalid',
      `@EventPattern('${pattern}') is no topic that devices write; see contracts' topics.`,
    );
  }
  return name;
}

/** An event is subscribed to, authorised and counted by the kind in its topic. */
function refuseForeignKind(context: LinkContext, payload: PayloadOf<TopicName>): void {
  if (context.name === 'event' && 'kind' in payload && payload.kind !== context.kind) {
    throw new LatchkeyError('invalid-payload', `An event of kind "${payload.kind}" came on "${context.topic}".`);
  }
}

function isDatabaseAway(error: unknown): boolean {
  return isLatchkeyError(error, 'database-unavailable');
}

function abortableWait(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

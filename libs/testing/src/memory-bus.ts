import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageHandler, MqttSession, ReceivedMessage, Subscription } from '@latchkey/link';

/** One client's line to a {@link MemoryBus}: what parts of the product use of an `MqttSession`. */
export type BusClient = Pick<MqttSession, 'connected' | 'publish' | 'subscribe' | 'onConnected'>;

/** A message that went over a {@link MemoryBus}. */
export interface BusMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

interface BusSubscription {
  readonly filter: string;
  readonly handler: MessageHandler;
}

/**
 * A broker without a network: every client sees what any client publishes, in order, a turn of the loop later. Keeps
 * retained messages. What is published while the bus is down is lost.
 */
export class MemoryBus {
  /** Everything that was published, oldest first. */
  readonly messages: BusMessage[] = [];
  private readonly subscriptions = new Set<BusSubscription>();
  private readonly listeners = new Set<() => void | Promise<void>>();
  private readonly retained = new Map<string, Uint8Array>();
  private running = false;

  /** Lets clients connect. */
  up(): void {
    this.running = true;
    for (const { filter, handler } of this.subscriptions) this.giveRetained(filter, handler);
    for (const listener of [...this.listeners]) void listener();
  }

  /** Breaks every connection. */
  down(): void {
    this.running = false;
  }

  /** A client of the bus. All share its fate. */
  client(): BusClient {
    const isRunning = () => this.running;
    return {
      get connected() {
        return isRunning();
      },
      publish: async (topic, payload, { retain = false } = {}) => {
        this.publish({ topic, payload: Buffer.from(payload), retain });
      },
      subscribe: (filter, handler) => this.subscribe({ filter, handler }),
      onConnected: (listener) => {
        this.listeners.add(listener);
        if (this.running) void listener();
        return () => this.listeners.delete(listener);
      },
    };
  }

  /** Hands a message to all who listen, as a broker with these flags would. */
  deliver(topic: string, payload: Uint8Array | string, { retained = false } = {}): void {
    const message: ReceivedMessage = { topic, payload: Buffer.from(payload), retained, duplicate: false };
    for (const { filter, handler } of this.subscriptions) {
      if (matches(filter, topic)) queueMicrotask(() => void handler(message));
    }
  }

  /** Payloads that were published on a topic, oldest first. */
  on(topic: string): string[] {
    return this.messages
      .filter((message) => message.topic === topic)
      .map(({ payload }) => Buffer.from(payload).toString());
  }

  /** Resolves when everything that was published has been handled, and what follows from it too. */
  async idle(): Promise<void> {
    for (let seen = -1; seen !== this.messages.length; ) {
      seen = this.messages.length;
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    }
  }

  private publish(message: BusMessage): void {
    if (!this.running) return;
    this.messages.push(message);
    if (message.retain) this.retained.set(message.topic, message.payload);
    this.deliver(message.topic, message.payload);
  }

  private subscribe(subscription: BusSubscription): Subscription {
    this.subscriptions.add(subscription);
    if (this.running) this.giveRetained(subscription.filter, subscription.handler);
    return {
      filter: subscription.filter,
      close: async () => {
        this.subscriptions.delete(subscription);
      },
    };
  }

  private giveRetained(filter: string, handler: MessageHandler): void {
    for (const [topic, payload] of this.retained) {
      if (!matches(filter, topic)) continue;
      queueMicrotask(() => void handler({ topic, payload, retained: true, duplicate: false }));
    }
  }
}

function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const pattern = filter.split('/');
  return pattern.length === levels.length && pattern.every((level, i) => level === '+' || level === levels[i]);
}

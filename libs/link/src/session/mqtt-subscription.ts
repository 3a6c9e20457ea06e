import type { ReceivedMessage } from './mqtt-connection.ts';
import { topicMatches } from './topic-match.ts';

/** Handles one message; the broker gets its acknowledgement when this has resolved, or failed and been reported. */
export type MessageHandler = (message: ReceivedMessage) => void | Promise<void>;

/** A live subscription. */
export interface Subscription {
  readonly filter: string;
  /** Takes no more messages, and resolves when all handlers that run have finished. May be called twice. */
  close(): Promise<void>;
}

/** How much of one subscription may wait for its handlers. */
export interface SubscriptionLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** A filter, its handler, and what of it is being handled. */
export class MqttSubscription implements Subscription {
  readonly filter: string;
  readonly qos: 0 | 1;
  private readonly handler: MessageHandler;
  private readonly limits: SubscriptionLimits;
  private readonly onClose: (subscription: MqttSubscription) => void;
  private readonly running = new Set<Promise<void>>();
  private bytes = 0;
  private open = true;

  constructor(
    filter: string,
    qos: 0 | 1,
    handler: MessageHandler,
    limits: SubscriptionLimits,
    onClose: (subscription: MqttSubscription) => void,
  ) {
    this.filter = filter;
    this.qos = qos;
    this.handler = handler;
    this.limits = limits;
    this.onClose = onClose;
  }

  /** Whether messages of this topic are for it. */
  matches(topic: string): boolean {
    return this.open && topicMatches(this.filter, topic);
  }

  /** Whether nothing more may be handled now. */
  get full(): boolean {
    return this.running.size >= this.limits.messages || this.bytes >= this.limits.bytes;
  }

  /** Whether at most half of what may wait does. */
  get caughtUp(): boolean {
    return this.running.size <= this.limits.messages / 2 && this.bytes <= this.limits.bytes / 2;
  }

  /** Runs the handler; rejects as it does. */
  async handle(message: ReceivedMessage): Promise<void> {
    const run = (async () => this.handler(message))();
    this.running.add(run);
    this.bytes += message.payload.byteLength;
    try {
      await run;
    } finally {
      this.running.delete(run);
      this.bytes -= message.payload.byteLength;
    }
  }

  async close(): Promise<void> {
    if (this.open) {
      this.open = false;
      this.onClose(this);
    }
    await Promise.allSettled([...this.running]);
  }
}

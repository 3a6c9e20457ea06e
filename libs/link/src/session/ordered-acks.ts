/** One received QoS 1 message whose acknowledgement is due. */
export interface AckSlot {
  /** Acknowledges it as soon as all earlier ones are settled. */
  acknowledge(): void;
  /** Never acknowledges it, and holds up no other. */
  abandon(): void;
}

interface Entry {
  readonly messageId: number;
  state: 'open' | 'acknowledged' | 'abandoned';
}

/** PUBACKs in the order in which the messages came (MQTT-4.6.0-2), while their handlers finish in any order. */
export class OrderedAcks {
  private readonly send: (messageId: number) => void;
  private readonly entries: Entry[] = [];

  /** @param send Writes one PUBACK. */
  constructor(send: (messageId: number) => void) {
    this.send = send;
  }

  /** Takes the next place in the order. */
  reserve(messageId: number): AckSlot {
    const entry: Entry = { messageId, state: 'open' };
    this.entries.push(entry);
    return {
      acknowledge: () => this.settle(entry, 'acknowledged'),
      abandon: () => this.settle(entry, 'abandoned'),
    };
  }

  private settle(entry: Entry, state: 'acknowledged' | 'abandoned'): void {
    if (entry.state !== 'open') return;
    entry.state = state;
    while (this.entries[0] && this.entries[0].state !== 'open') {
      const first = this.entries.shift();
      if (first?.state === 'acknowledged') this.send(first.messageId);
    }
  }
}

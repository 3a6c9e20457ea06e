import type { Socket } from 'node:net';
import { breakPair, type RelayedPair, TcpRelay } from './tcp-relay.ts';

/** `refused`: nobody listens. `silent`: connections open and stay, and every byte is swallowed, as behind a router that has forgotten them. */
type LinkState = 'open' | 'stalled' | 'silent' | 'refused';

/**
 * A TCP connection to a broker that fails as networks do: breaks between two messages or within one, stands still and goes on, swallows
 * everything, refuses. Listens at one address for its whole life.
 */
export class FaultyLink {
  private readonly relay: TcpRelay;
  /** Bytes of these were swallowed: they can only be broken. */
  private readonly spoilt = new WeakSet<RelayedPair>();
  private state: LinkState = 'open';
  private tearNext = false;

  /** @param targetPort of the broker on loopback, asked for each connection. */
  constructor(targetPort: () => number) {
    this.relay = new TcpRelay(
      targetPort,
      (pair) => this.join(pair),
      () => this.state !== 'refused',
    );
  }

  /** Where clients connect to. */
  get url(): string {
    return this.relay.url;
  }

  start(): Promise<void> {
    return this.relay.start();
  }

  /** Breaks every connection without a word. */
  cut(): void {
    this.relay.cut();
  }

  /** Breaks every connection in the middle of the next bytes that come, mostly within a message. */
  tear(): void {
    this.tearNext = true;
  }

  /** Nothing moves until {@link heal}; nothing is lost either. */
  stall(): void {
    this.state = 'stalled';
    for (const { near, far } of this.relay.pairs) for (const socket of [near, far]) socket.pause();
  }

  /** Swallows every byte until {@link heal}, which breaks these connections. */
  swallow(): void {
    this.state = 'silent';
  }

  /** Breaks every connection and takes no new one until {@link heal}. */
  refuse(): void {
    this.state = 'refused';
    this.cut();
  }

  /** Works again. */
  heal(): void {
    this.state = 'open';
    this.tearNext = false;
    for (const pair of this.relay.pairs) {
      if (this.spoilt.has(pair)) breakPair(pair);
      else for (const socket of [pair.near, pair.far]) socket.resume();
    }
  }

  stop(): Promise<void> {
    return this.relay.stop();
  }

  private join(pair: RelayedPair): void {
    const { near, far } = pair;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => this.pass(pair, bytes, to));
      if (this.state === 'stalled') from.pause();
    }
  }

  private pass(pair: RelayedPair, bytes: Buffer | string, to: Socket): void {
    if (this.state === 'silent') {
      this.spoilt.add(pair);
      return;
    }
    if (!this.tearNext) {
      to.write(bytes);
      return;
    }
    this.tearNext = false;
    to.write(bytes.slice(0, bytes.length >> 1), () => this.cut());
  }
}

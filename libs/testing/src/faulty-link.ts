import { connect, createServer, type Server, type Socket } from 'node:net';

/** `refused`: nobody listens. `silent`: connections open and stay, and every byte is swallowed, as behind a router that has forgotten them. */
type LinkState = 'open' | 'stalled' | 'silent' | 'refused';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Bytes of it were swallowed: it can only be broken. */
  spoilt: boolean;
}

/**
 * A TCP connection to a broker that fails as networks do: breaks between two messages or within one, stands still and goes on, swallows
 * everything, refuses. Listens at one address for its whole life.
 */
export class FaultyLink {
  private readonly targetPort: () => number;
  private readonly pairs = new Set<Pair>();
  private state: LinkState = 'open';
  private tearNext = false;
  private server: Server | null = null;
  private port = 0;

  /** @param targetPort of the broker on loopback, asked for each connection. */
  constructor(targetPort: () => number) {
    this.targetPort = targetPort;
  }

  /** Where clients connect to. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer({ allowHalfOpen: false }, (near) => this.join(near));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  /** Breaks every connection without a word. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Breaks every connection in the middle of the next bytes that come, mostly within a message. */
  tear(): void {
    this.tearNext = true;
  }

  /** Nothing moves until {@link heal}; nothing is lost either. */
  stall(): void {
    this.state = 'stalled';
    for (const { near, far } of this.pairs) for (const socket of [near, far]) socket.pause();
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
    for (const pair of this.pairs) {
      if (pair.spoilt) {
        pair.near.destroy();
        pair.far.destroy();
      } else for (const socket of [pair.near, pair.far]) socket.resume();
    }
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.cut();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private join(near: Socket): void {
    if (this.state === 'refused') {
      near.destroy();
      return;
    }
    const far = connect(this.targetPort(), '127.0.0.1');
    const pair: Pair = { near, far, spoilt: false };
    this.pairs.add(pair);
    const close = () => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (bytes) => this.pass(pair, bytes, to));
      from.on('error', () => undefined);
      from.on('close', close);
      if (this.state === 'stalled') from.pause();
    }
  }

  private pass(pair: Pair, bytes: Buffer | string, to: Socket): void {
    if (this.state === 'silent') {
      pair.spoilt = true;
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

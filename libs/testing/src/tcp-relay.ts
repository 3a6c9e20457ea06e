import { connect, createServer, type Server, type Socket } from 'node:net';

/** One connection through a {@link TcpRelay}: its client's end and its server's. */
export interface RelayedPair {
  readonly near: Socket;
  readonly far: Socket;
}

/**
 * Connections from one address on loopback to another, without the bytes: what passes between their ends is for the owner to say.
 * Listens at one address for its whole life.
 */
export class TcpRelay {
  /** What is open now. */
  readonly pairs = new Set<RelayedPair>();
  private readonly targetPort: () => number;
  private readonly joined: (pair: RelayedPair) => void;
  private readonly admits: () => boolean;
  private server: Server | null = null;
  private port = 0;

  /**
   * @param targetPort on loopback, asked for each connection.
   * @param joined makes bytes pass; called once for each connection.
   * @param admits whether a connection is taken; others are broken at once. Default all.
   */
  constructor(targetPort: () => number, joined: (pair: RelayedPair) => void, admits: () => boolean = () => true) {
    this.targetPort = targetPort;
    this.joined = joined;
    this.admits = admits;
  }

  /** Where MQTT clients connect to; those of other protocols take its port. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Listens, after a {@link stop} at the same address. */
  async start(): Promise<void> {
    const server = createServer((near) => this.join(near));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  /** Breaks every connection that is open now, without a word. */
  cut(): void {
    for (const pair of this.pairs) breakPair(pair);
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.cut();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private join(near: Socket): void {
    if (!this.admits()) {
      near.destroy();
      return;
    }
    const pair: RelayedPair = { near, far: connect(this.targetPort(), '127.0.0.1') };
    this.pairs.add(pair);
    for (const socket of [pair.near, pair.far]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        breakPair(pair);
        this.pairs.delete(pair);
      });
    }
    this.joined(pair);
  }
}

/** Breaks one connection at both ends, without a word. */
export function breakPair({ near, far }: RelayedPair): void {
  near.destroy();
  far.destroy();
}

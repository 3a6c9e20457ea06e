import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy before a broker, so that a test can break or watch one client's connection without touching either end. */
export class TcpProxy {
  private readonly target: string;
  private readonly sockets = new Set<Socket>();
  private readonly sent: Buffer[] = [];
  private server: Server | null = null;
  private port = 0;

  /** @param target Address of the broker, `mqtt://127.0.0.1:port`. */
  constructor(target: string) {
    this.target = target;
  }

  /** Where clients connect to. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Everything that clients have sent. */
  get clientBytes(): Buffer {
    return Buffer.concat(this.sent);
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
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.cut();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private join(near: Socket): void {
    const far = connect(Number(new URL(this.target).port), '127.0.0.1');
    near.on('data', (bytes) => this.sent.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        this.sockets.delete(socket);
      });
    }
  }
}

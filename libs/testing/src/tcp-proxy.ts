import { type RelayedPair, TcpRelay } from './tcp-relay.ts';

/** A TCP proxy before a broker, so that a test can break or watch one client's connection without touching either end. */
export class TcpProxy {
  private readonly relay: TcpRelay;
  private readonly sent: Buffer[] = [];

  /** @param target Address of the broker, `mqtt://127.0.0.1:port`. */
  constructor(target: string) {
    this.relay = new TcpRelay(
      () => Number(new URL(target).port),
      (pair) => this.watch(pair),
    );
  }

  /** Where clients connect to. */
  get url(): string {
    return this.relay.url;
  }

  /** Everything that clients have sent. */
  get clientBytes(): Buffer {
    return Buffer.concat(this.sent);
  }

  /** Listens, after a {@link stop} at the same address. */
  start(): Promise<void> {
    return this.relay.start();
  }

  /** Breaks every connection that is open now, without a word. */
  cut(): void {
    this.relay.cut();
  }

  stop(): Promise<void> {
    return this.relay.stop();
  }

  private watch({ near, far }: RelayedPair): void {
    near.on('data', (bytes) => this.sent.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    near.pipe(far).pipe(near);
  }
}

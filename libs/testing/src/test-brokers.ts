import { EmbeddedBroker } from '@latchkey/embedded';
import { MosquittoProcess } from './mosquitto-process.ts';

/** A broker that a test may take away and bring back at the same address. Takes any user name and password. */
export interface TestBroker {
  readonly url: string;
  start(): Promise<void>;
  /** Breaks all connections without a word, as a crash would. */
  crash(): Promise<void>;
}

/** The broker that `npm start` runs, in this process. */
export class EmbeddedTestBroker implements TestBroker {
  private broker: EmbeddedBroker | null = null;
  private port = 0;

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    if (this.broker) return;
    const everybody = { authenticate: () => true, authorizePublish: () => true, authorizeSubscribe: () => true };
    this.broker = new EmbeddedBroker(everybody);
    this.port = (await this.broker.start({ port: this.port })).port;
  }

  async crash(): Promise<void> {
    await this.broker?.stop();
    this.broker = null;
  }
}

/** Mosquitto, in a process of its own. */
export class MosquittoTestBroker implements TestBroker {
  private readonly process: MosquittoProcess;

  /** @param folder A folder of its own. */
  constructor(folder: string) {
    this.process = new MosquittoProcess({ folder });
  }

  get url(): string {
    return this.process.url;
  }

  start(): Promise<void> {
    return this.process.start();
  }

  crash(): Promise<void> {
    return this.process.kill();
  }
}

import { createServer, type Server, type Socket } from 'node:net';
import { LatchkeyError } from '@latchkey/domain';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { freePort } from '../free-port.ts';
import { PacketMeter } from './packet-meter.ts';
import { matchesFilter } from './topic-filter.ts';

/**
 * Who may connect, and what each may write and read. A hook that throws refuses. Messages of a client keep their order
 * when `authorizePublish` answers without a promise.
 */
export interface EmbeddedBrokerOptions {
  authenticate(clientId: string, username: string, password: string): Promise<boolean> | boolean;
  authorizePublish(username: string, topic: string): Promise<boolean> | boolean;
  authorizeSubscribe(username: string, filter: string): Promise<boolean> | boolean;
}

/** What the broker knows of a connected client. */
interface Session {
  readonly username: string;
  /** Filters that were allowed on this connection. */
  readonly filters: Set<string>;
}

const loopback = '127.0.0.1';
/** Four times the largest event that central takes; Aedes itself gathers packets of up to 256 MB, also before it knows from whom. */
const maxPacketBytes = 1024 * 1024;
/** MQTT 3.1.1 §3.2.2.3: bad user name or password. */
const badCredentials = 4;

/**
 * An MQTT 3.1.1 broker in this process, on loopback, that keeps nothing on disk: enough, because nothing that matters lives
 * in a broker (DESIGN.md §6).
 */
export class EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #clients = new Set<Client>();
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | null = null;
  #server: Server | null = null;
  #address: { url: string; port: number } | null = null;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
  }

  /**
   * Listens on the first free port from `port` upward (0: any). A second call answers as the first.
   * @throws LatchkeyError `broker-unavailable` when it cannot listen.
   */
  async start({ port }: { readonly port: number }): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#address) return this.#address;
    const aedes = await Aedes.createBroker({
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username, password, (allowed) =>
          allowed ? done(null, true) : done(refusal(), false),
        );
      },
      authorizePublish: (client, { topic }, done) => {
        const session = client && this.#sessions.get(client);
        if (!session) return done(new Error(`publish to ${topic} refused`));
        settle(
          () => this.#options.authorizePublish(session.username, topic),
          (allowed) => done(allowed ? null : new Error(`publish to ${topic} refused`)),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        const session = this.#sessions.get(client);
        if (!session) return done(null, null);
        settle(
          () => this.#options.authorizeSubscribe(session.username, subscription.topic),
          (allowed) => {
            if (allowed) session.filters.add(subscription.topic);
            else session.filters.delete(subscription.topic);
            done(null, allowed ? subscription : null);
          },
        );
      },
      // Aedes keeps refused filters of a persistent session and queues messages for them; they must not get out.
      authorizeForward: (client, packet) => {
        const filters = this.#sessions.get(client)?.filters ?? [];
        return [...filters].some((filter) => matchesFilter(filter, packet.topic)) ? packet : null;
      },
    });
    aedes.on('client', (client) => this.#clients.add(client));
    aedes.on('clientDisconnect', (client) => this.#clients.delete(client));
    // A failing client is disconnected by Aedes itself; without these listeners it would end the process.
    aedes.on('clientError', () => {});
    aedes.on('connectionError', () => {});
    this.#aedes = aedes;
    try {
      this.#address = await this.#listen(aedes, port);
    } catch (cause) {
      await this.stop();
      throw new LatchkeyError('broker-unavailable', `The MQTT broker cannot listen on ${loopback}: ${String(cause)}`, {
        cause,
      });
    }
    return this.#address;
  }

  /** Disconnects everybody and stops listening. Does nothing when it does not run. */
  async stop(): Promise<void> {
    const aedes = this.#aedes;
    const server = this.#server;
    this.#aedes = null;
    this.#server = null;
    this.#address = null;
    const closed = server?.listening ? new Promise<void>((done) => server.close(() => done())) : Promise.resolve();
    if (aedes) await new Promise<void>((done) => aedes.close(() => done()));
    for (const socket of this.#sockets) socket.destroy();
    this.#clients.clear();
    await closed;
  }

  /** Ends every connection of a user, for instance because the account was revoked. */
  async disconnectClient(username: string): Promise<void> {
    const theirs = [...this.#clients].filter((client) => this.#sessions.get(client)?.username === username);
    await Promise.all(theirs.map((client) => new Promise<void>((done) => client.close(() => done()))));
  }

  async #listen(aedes: Aedes, from: number): Promise<{ url: string; port: number }> {
    for (let port = await freePort(from); ; port = await freePort(port + 1)) {
      const server = createServer({ noDelay: true }, (socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        aedes.handle(socket);
        // Aedes reads on 'readable'; what it reads is seen here first.
        const meter = new PacketMeter(maxPacketBytes);
        socket.on('data', (chunk) => {
          if (!meter.admits(chunk)) socket.destroy(new Error(`a packet of more than ${maxPacketBytes} bytes`));
        });
      });
      const listening = await new Promise<boolean>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
        );
        server.listen({ port, host: loopback }, () => resolve(true));
      });
      if (!listening) continue;
      this.#server = server;
      return { url: `mqtt://${loopback}:${port}`, port };
    }
  }

  #authenticate(
    client: Client,
    username: string | undefined,
    password: Uint8Array | undefined,
    done: (allowed: boolean) => void,
  ): void {
    if (!username || !password) {
      done(false);
      return;
    }
    settle(
      () => this.#options.authenticate(client.id, username, Buffer.from(password).toString('utf8')),
      (allowed) => {
        if (allowed) this.#sessions.set(client, { username, filters: new Set() });
        done(allowed);
      },
    );
  }
}

/** Calls `done` with a hook's answer, at once when it is no promise, so that such hooks keep the order of messages. */
function settle(ask: () => Promise<boolean> | boolean, done: (allowed: boolean) => void): void {
  try {
    const answer = ask();
    if (typeof answer === 'boolean') done(answer);
    else void answer.then(done, () => done(false));
  } catch {
    done(false);
  }
}

function refusal(): AuthenticateError {
  return Object.assign(new Error('bad user name or password'), { returnCode: badCredentials });
}

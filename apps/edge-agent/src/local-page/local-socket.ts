import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { type AgentStatus, agentSocketPath } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import type { Logger } from 'pino';
import type { EventRecorder, RecordedEvent } from '../events/event-recorder.ts';
import type { Feature } from '../runtime/feature.ts';
import { agentLineOf } from './agent-line.ts';

/** A reader that is so far behind is cut off: nothing is kept for it without end. */
const maxUnreadBytes = 1_000_000;

/** Options of {@link LocalSocket}. */
export interface LocalSocketOptions {
  readonly agentDir: string;
  readonly recorder: Pick<EventRecorder, 'onRecorded'>;
  readonly status: () => AgentStatus;
  /** Name of a person whom the device knows. */
  readonly nameOf: (personId: string) => string | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells people on the device's own machine how the agent is (`GET /status`) and what happens (`GET /watch`, one JSON object a
 * line). A socket in a folder that only the agent's user may enter: whoever opens it is that user, or root. It only tells; there is
 * nothing to ask of the agent here. Where it cannot listen, the agent does its work without.
 */
export class LocalSocket implements Feature {
  readonly name = 'local socket';
  private readonly options: LocalSocketOptions;
  private readonly watchers = new Set<ServerResponse>();
  private server: Server | null = null;
  private stopListening: (() => void) | null = null;

  constructor(options: LocalSocketOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    if (this.server) return;
    const { agentDir, recorder, logger } = this.options;
    const path = join(agentDir, agentSocketPath);
    const server = createServer((request, response) => this.answer(request, response));
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      chmodSync(dirname(path), 0o700);
      // Of an agent that was killed.
      rmSync(path, { force: true });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
    } catch (error) {
      logger.warn({ error, path }, 'no local socket: "latchkey agent status" and "watch" do not work');
      return;
    }
    server.on('error', (error) => logger.warn({ error }, 'the local socket failed'));
    this.server = server;
    this.stopListening = recorder.onRecorded((event) => this.tell(event));
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.stopListening?.();
    for (const watcher of this.watchers) watcher.end();
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private answer({ method, url }: IncomingMessage, response: ServerResponse): void {
    if (method === 'GET' && url === '/status') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.options.status()));
    } else if (method === 'GET' && url === '/watch') {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
      this.watchers.add(response);
      response.on('close', () => this.watchers.delete(response));
    } else {
      response.writeHead(404).end();
    }
  }

  private tell(event: RecordedEvent): void {
    if (this.watchers.size === 0) return;
    const { clock, nameOf } = this.options;
    const line = agentLineOf(event, new Date(clock.now()).toISOString(), nameOf);
    if (line === null) return;
    for (const watcher of this.watchers) {
      if (watcher.writableLength > maxUnreadBytes) watcher.destroy();
      else watcher.write(`${JSON.stringify(line)}\n`);
    }
  }
}

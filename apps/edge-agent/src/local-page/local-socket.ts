import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { type AgentClaim, type AgentStatus, agentClaim, agentSocketPath } from '@latchkey/contracts';
import type { Logger } from 'pino';
import type { Feature } from '../runtime/feature.ts';
import type { EventFeed } from './event-feed.ts';
import { closed, listening } from './http-listening.ts';
import { StatusAnswer } from './status-answer.ts';

/** The longest name of a socket on macOS is 104 bytes with its end, on Linux 108. Node 20 cuts longer ones off and listens elsewhere. */
const maxPathBytes = 103;

/** More than a claim can be. */
const maxBodyBytes = 1_024;

/** Options of {@link LocalSocket}. */
export interface LocalSocketOptions {
  readonly agentDir: string;
  /** One JSON object a line. */
  readonly feed: EventFeed;
  readonly status: () => AgentStatus;
  /** Takes who somebody claims to be; false when the device does not know the person. */
  readonly claim: (claim: AgentClaim) => boolean;
  readonly logger: Logger;
}

/**
 * Tells people on the device's own machine how the agent is (`GET /status`) and what happens (`GET /watch`, one JSON object a
 * line), and takes claims of card readers and keypads (`POST /claim`). A socket in a folder that only the agent's user may enter:
 * whoever opens it is that user, or root. A claim opens nothing: it only makes the door stricter, who claims must be seen too.
 * Where it cannot listen, the agent does its work without.
 */
export class LocalSocket implements Feature {
  readonly name = 'local socket';
  private readonly options: LocalSocketOptions;
  private readonly status: StatusAnswer;
  private server: Server | null = null;

  constructor(options: LocalSocketOptions) {
    this.options = options;
    this.status = new StatusAnswer(options.status, options.logger);
  }

  async start(): Promise<void> {
    if (this.server) return;
    const { agentDir, feed, logger } = this.options;
    const path = join(agentDir, agentSocketPath);
    if (Buffer.byteLength(path) > maxPathBytes) {
      logger.warn({ path }, 'no local socket: the path of the agent’s folder is too long for one');
      return;
    }
    const server = createServer((request, response) => this.answer(request, response));
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      chmodSync(dirname(path), 0o700);
      // Of an agent that was killed.
      rmSync(path, { force: true });
      await listening(server, { path });
    } catch (error) {
      logger.warn({ error, path }, 'no local socket: "latchkey agent status" and "watch" do not work');
      return;
    }
    server.on('error', (error) => logger.warn({ error }, 'the local socket failed'));
    this.server = server;
    feed.start();
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.options.feed.stop();
    if (server) await closed(server);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url } = request;
    if (method === 'GET' && url === '/status') {
      this.status.to(response);
    } else if (method === 'GET' && url === '/watch') {
      this.options.feed.join(response, 'application/x-ndjson');
    } else if (method === 'POST' && url === '/claim') {
      void this.claim(request, response);
    } else {
      response.writeHead(404).end();
    }
  }

  private async claim(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const claim = agentClaim.safeParse(await bodyOf(request));
    const status = !claim.success ? 400 : this.options.claim(claim.data) ? 204 : 404;
    response.writeHead(status).end();
  }
}

/** The JSON of a small body; undefined for what is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
      if (text.length > maxBodyBytes) return undefined;
    }
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

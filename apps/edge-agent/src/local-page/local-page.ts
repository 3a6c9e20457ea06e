import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AgentStatus, challengePrompts } from '@latchkey/contracts';
import type { Logger } from 'pino';
import type { SeenPresence } from '../deciding/presence.ts';
import type { Feature } from '../runtime/feature.ts';
import type { EventFeed } from './event-feed.ts';
import { closed, listening } from './http-listening.ts';
import type { LivePicture, LiveView } from './live-view.ts';
import { pageAssets } from './page-assets.ts';
import { isToken, pageToken, tokenCookie, tokenOf } from './page-token.ts';
import { StatusAnswer } from './status-answer.ts';

/** Nothing from elsewhere, nothing inline, no frame around it. Pictures are part of an answer. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Options of {@link LocalPage}. */
export interface LocalPageOptions {
  readonly agentDir: string;
  /** Null: there is no page. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly cameraIds: readonly string[];
  readonly view: LiveView;
  readonly feed: EventFeed;
  readonly status: () => AgentStatus;
  /** Name of a person whom the device knows. */
  readonly nameOf: (personId: string) => string | null;
  readonly logger: Logger;
}

/**
 * A page on the device: live pictures with boxes and names, events, health. Off unless asked for; everything on it needs the
 * secret of `DIR/keys/local-page-token`. It only shows. Where it cannot listen, the agent does its work without.
 */
export class LocalPage implements Feature {
  readonly name = 'local page';
  private readonly options: LocalPageOptions;
  private readonly status: StatusAnswer;
  private token = '';
  private server: Server | null = null;

  constructor(options: LocalPageOptions) {
    this.options = options;
    this.status = new StatusAnswer(options.status, options.logger);
  }

  /** Where it listens; null when it does not. */
  get address(): AddressInfo | null {
    const address = this.server?.address() ?? null;
    return typeof address === 'string' ? null : address;
  }

  async start(): Promise<void> {
    const { listen, agentDir, feed, logger } = this.options;
    if (!listen || this.server) return;
    const server = createServer((request, response) => this.answer(request, response));
    try {
      this.token = pageToken(agentDir);
      await listening(server, { port: listen.port, host: listen.host });
    } catch (error) {
      logger.error({ error, ...listen }, 'no local page');
      return;
    }
    server.on('error', (error) => logger.warn({ error }, 'the local page failed'));
    this.server = server;
    feed.start();
    logger.info(this.address, 'local page: open it with ?token= and the content of keys/local-page-token');
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.options.feed.stop();
    if (server) await closed(server);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = URL.canParse(request.url ?? '', 'http://page') ? new URL(request.url ?? '', 'http://page') : null;
    if (request.method !== 'GET' || !url) {
      response.writeHead(405).end();
      return;
    }
    const given = url.pathname === '/' ? url.searchParams.get('token') : null;
    if (!isToken(given ?? tokenOf(request), this.token)) {
      response
        .writeHead(401, { 'content-type': 'text/plain; charset=utf-8' })
        .end('Open this page with ?token= and the content of keys/local-page-token in the agent’s folder.\n');
    } else if (given !== null) {
      // The secret goes out of the address, where it would stay in the history.
      response.writeHead(303, { location: '/', 'set-cookie': tokenCookie(this.token) }).end();
    } else this.show(url.pathname, response);
  }

  private show(path: string, response: ServerResponse): void {
    const { cameraIds, feed, view } = this.options;
    const asset = Object.hasOwn(pageAssets, path) ? pageAssets[path] : undefined;
    const cameraId = cameraIds.find((id) => path === `/live/${id}`);
    if (asset) response.writeHead(200, { 'content-type': asset.type }).end(asset.text);
    else if (path === '/status') this.status.to(response);
    else if (path === '/cameras') json(response, cameraIds);
    else if (path === '/watch') feed.join(response, 'text/event-stream');
    else if (cameraId !== undefined) {
      const picture = view.picture(cameraId);
      if (picture) json(response, this.liveOf(picture));
      else response.writeHead(204).end();
    } else response.writeHead(404).end();
  }

  private liveOf({ width, height, jpeg, faces }: LivePicture): unknown {
    return {
      width,
      height,
      jpeg: Buffer.from(jpeg).toString('base64'),
      faces: faces.map((face) => this.faceOf(face)),
      prompt: faces.flatMap(({ prompt }) => (prompt ? [challengePrompts[prompt]] : []))[0] ?? null,
    };
  }

  private faceOf({ box, told, prompt }: SeenPresence): unknown {
    if (prompt) return { box, decision: 'asked', label: 'asked to move' };
    if (!told) return { box, decision: null, label: '…' };
    const { outcome, personId, distance } = told;
    const name = personId === null ? null : this.options.nameOf(personId);
    const label = [name ?? outcome, ...(distance === null ? [] : [distance.toFixed(2)])].join(' ');
    return { box, decision: outcome, label };
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Actor } from './edge-cast.ts';
import type { Film } from './edge-film.ts';

/** The same actors before the camera for a while; times of `performance.now()`. */
export interface Showing {
  readonly actors: readonly Actor[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A network camera (MJPEG over HTTP) that shows a film. */
export class Projector {
  private readonly viewers = new Set<ServerResponse>();
  private readonly server: Server;
  private film: Film | null = null;
  private timer: NodeJS.Timeout | null = null;
  private startedMs = 0;
  private shown = 0;
  private history: { actors: readonly Actor[]; fromMs: number }[] = [];

  constructor() {
    this.server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
      this.viewers.add(response);
      response.once('close', () => this.viewers.delete(response));
    });
  }

  /** @returns the camera's address. */
  async start(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/film`;
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  /** Begins a film, instead of the one that runs. */
  play(film: Film): void {
    if (this.timer) clearTimeout(this.timer);
    this.film = film;
    this.startedMs = performance.now();
    this.shown = 0;
    this.history = [];
    this.next();
  }

  /** Who was before the camera one after another since the film began; the last is still there. */
  showings(): readonly Showing[] {
    return this.history.map(({ actors, fromMs }, i) => ({
      actors,
      fromMs,
      untilMs: this.history[i + 1]?.fromMs ?? performance.now(),
    }));
  }

  private next(): void {
    const { film } = this;
    const frame = film?.frames[this.shown % film.frames.length];
    if (!film || !frame) return;
    const { jpeg, actors } = frame;
    const last = this.history.at(-1)?.actors;
    if (last?.length !== actors.length || last.some((actor, i) => actor !== actors[i])) {
      this.history.push({ actors, fromMs: performance.now() });
    }
    for (const viewer of this.viewers) {
      // As a camera does: who does not read misses pictures.
      if (viewer.writableNeedDrain) continue;
      viewer.write(`--frame\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`);
      viewer.write(jpeg);
      viewer.write('\r\n');
    }
    this.shown++;
    const dueMs = this.startedMs + (1000 * this.shown) / film.framesPerSecond;
    this.timer = setTimeout(() => this.next(), Math.max(0, dueMs - performance.now()));
  }
}

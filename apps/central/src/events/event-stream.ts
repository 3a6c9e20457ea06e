import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type EventFilter, matchesFilter } from './event-filter.ts';
import type { EventsRepository } from './events.repository.ts';
import { compareCursors, formatCursor, type LiveCursor } from './live-cursor.ts';
import { type LiveEvent, type LiveEvents, liveEventOf } from './live-events.ts';

/** What one watcher wants. */
export interface StreamRequest {
  readonly filter: EventFilter;
  /** Where the watcher stopped reading; null: from now on. */
  readonly after: LiveCursor | null;
  /** Asked at every heartbeat and by {@link EventStream.check}; false ends the stream. A failure of asking does not. */
  readonly mayContinue: () => Promise<boolean>;
  /** So that proxies and browsers see life. Default 15 s. */
  readonly heartbeatMs?: number;
}

const defaultHeartbeatMs = 15_000;
/** A watcher who reads slower than this much behind is cut off; it resumes where it stopped. */
const maxUnreadBytes = 1024 * 1024;
/** What may wait while older events are read. */
const maxBacklog = 2000;
/** Who is further behind gets a `gap` instead of the rest, and should read the list anew. */
const maxCaughtUp = 5000;
const pageSize = 200;

/** One watcher of the live log: catches up from where it stopped, then follows. Server-sent events (WHATWG HTML §9.2). */
export class EventStream {
  readonly #live: Pick<LiveEvents, 'listen'>;
  readonly #events: Pick<EventsRepository, 'liveAfter'>;
  readonly #out: Writable;
  readonly #request: StreamRequest;
  readonly #ended = new AbortController();
  /** Null once it follows. */
  #backlog: LiveEvent[] | null = [];

  constructor(
    live: Pick<LiveEvents, 'listen'>,
    events: Pick<EventsRepository, 'liveAfter'>,
    out: Writable,
    request: StreamRequest,
  ) {
    this.#live = live;
    this.#events = events;
    this.#out = out;
    this.#request = request;
    out.once('close', () => this.end());
  }

  /** Resolves when the stream has ended, by whichever side. */
  async run(): Promise<void> {
    const { signal } = this.#ended;
    const { end, stop } = await this.#live.listen((events) => this.#receive(events));
    const heartbeat = setInterval(() => void this.#beat(), this.#request.heartbeatMs ?? defaultHeartbeatMs);
    try {
      const from = this.#request.after ?? end;
      this.#write(`retry: 2000\nid: ${formatCursor(from)}\n\n`);
      const reached = this.#request.after === null ? null : await this.#catchUp(this.#request.after);
      this.#follow(reached);
      if (!signal.aborted) await once(signal, 'abort');
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(heartbeat);
      stop();
      this.#out.end();
    }
  }

  /** Ends the stream if its watcher may no longer see it. */
  async check(): Promise<void> {
    const may = await this.#request.mayContinue().catch(() => true);
    if (!may) this.end();
  }

  /** Ends the stream. May be called twice. */
  end(): void {
    this.#ended.abort();
  }

  /** Sends what was missed; the last event that it sent, null when none. */
  async #catchUp(after: LiveCursor): Promise<LiveCursor | null> {
    let reached: LiveCursor | null = null;
    for (let sent = 0; sent < maxCaughtUp && !this.#ended.signal.aborted; ) {
      const rows = await this.#events.liveAfter(reached ?? after, this.#request.filter, pageSize);
      for (const row of rows) this.#send(liveEventOf(row));
      const last = rows.at(-1);
      if (last) reached = { xid: last.xid, position: last.position };
      if (rows.length < pageSize) return reached;
      sent += rows.length;
      if (this.#out.writableNeedDrain) await once(this.#out, 'drain', { signal: this.#ended.signal });
    }
    this.#write('event: gap\ndata: {}\n\n');
    return reached;
  }

  /** What came while older events were read, but for what was among them; from now on everything at once. */
  #follow(reached: LiveCursor | null): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = null;
    this.#receive(reached ? backlog.filter(({ cursor }) => compareCursors(cursor, reached) > 0) : backlog);
  }

  #receive(events: readonly LiveEvent[]): void {
    const wanted = events.filter(({ event }) => matchesFilter(this.#request.filter, event));
    if (this.#backlog === null) {
      for (const event of wanted) this.#send(event);
    } else {
      this.#backlog.push(...wanted);
      if (this.#backlog.length > maxBacklog) this.end();
    }
  }

  #send({ cursor, event }: LiveEvent): void {
    this.#write(`id: ${formatCursor(cursor)}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #beat(): Promise<void> {
    await this.check();
    this.#write(': alive\n\n');
  }

  #write(text: string): void {
    if (this.#ended.signal.aborted) return;
    this.#out.write(text);
    if (this.#out.writableLength > maxUnreadBytes) this.end();
  }
}

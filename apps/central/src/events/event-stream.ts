import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type EventFilter, matchesFilter, viewFor } from './event-filter.ts';
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
  readonly #events: Pick<EventsRepository, 'liveAfter' | 'liveEnd'>;
  readonly #out: Writable;
  readonly #request: StreamRequest;
  readonly #ended = new AbortController();
  /** Null once it follows. */
  #backlog: LiveEvent[] | null = [];
  /** The watcher has everything up to here. The log may tell of it once more: its one reader can be behind what was read for us. */
  #sent: LiveCursor = { xid: '0', position: '0' };

  constructor(
    live: Pick<LiveEvents, 'listen'>,
    events: Pick<EventsRepository, 'liveAfter' | 'liveEnd'>,
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
      const after = await this.#place();
      this.#sent = after ?? end;
      this.#write(`retry: 2000\nid: ${formatCursor(this.#sent)}\n\n`);
      if (after !== null) await this.#catchUp();
      else if (this.#request.after !== null) this.#tellGap();
      this.#follow();
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

  /** Where the watcher stopped; null without, or when this log has not come that far: it was restored from a backup. */
  async #place(): Promise<LiveCursor | null> {
    const { after } = this.#request;
    return after !== null && compareCursors(after, await this.#events.liveEnd()) <= 0 ? after : null;
  }

  /** Sends what was missed. */
  async #catchUp(): Promise<void> {
    for (let sent = 0; sent < maxCaughtUp && !this.#ended.signal.aborted; ) {
      const rows = await this.#events.liveAfter(this.#sent, this.#request.filter, pageSize);
      for (const row of rows) this.#send(liveEventOf(row));
      if (rows.length < pageSize) return;
      sent += rows.length;
      if (this.#out.writableNeedDrain) await once(this.#out, 'drain', { signal: this.#ended.signal });
    }
    this.#tellGap();
  }

  /** What came while older events were read; from now on everything at once. */
  #follow(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = null;
    this.#receive(backlog);
  }

  #receive(events: readonly LiveEvent[]): void {
    const wanted = events.filter(({ event }) => matchesFilter(this.#request.filter, event));
    if (this.#backlog === null) {
      for (const event of wanted) {
        if (compareCursors(event.cursor, this.#sent) > 0) this.#send(event);
      }
    } else {
      this.#backlog.push(...wanted);
      if (this.#backlog.length > maxBacklog) this.end();
    }
  }

  #send({ cursor, event }: LiveEvent): void {
    this.#sent = cursor;
    const shown = viewFor(this.#request.filter, event);
    this.#write(`id: ${formatCursor(cursor)}\ndata: ${JSON.stringify(shown)}\n\n`);
  }

  #tellGap(): void {
    this.#write('event: gap\ndata: {}\n\n');
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

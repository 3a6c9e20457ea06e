import type { EventView } from '@latchkey/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { CommitSignal } from '../ingest/commit-signal.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { type EventRow, eventViewOf } from './event-view.ts';
import { EventsRepository } from './events.repository.ts';
import type { LiveCursor } from './live-cursor.ts';

/** An event with its place in the live stream. */
export interface LiveEvent {
  readonly cursor: LiveCursor;
  readonly event: EventView;
}

/** Gets what is new, in order, each event once. */
export type LiveListener = (events: readonly LiveEvent[]) => void;

/** What was committed by another instance, or was hidden behind a transaction that still ran, is seen after this long. */
const pollMs = 200;
/** After a failed read. */
const retryMs = 1000;
const pageSize = 500;

/** Reads the end of the log once for all who watch it, while anybody does. */
@Injectable()
export class LiveEvents implements OnModuleInit {
  readonly #logger: Logger;
  readonly #listeners = new Set<LiveListener>();
  #end: LiveCursor | null = null;
  #starting: Promise<LiveCursor> | null = null;
  #wake: (() => void) | null = null;

  constructor(
    @Inject(EventsRepository) private readonly events: EventsRepository,
    @Inject(CommitSignal) private readonly signal: CommitSignal,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'events' });
  }

  onModuleInit(): void {
    this.signal.onCommit(() => this.#wake?.());
  }

  /**
   * Calls `listener` with every event that comes from now on, until it is removed; perhaps before this resolves.
   * @returns the place that everything before is not told about, and the removal.
   * @throws LatchkeyError `database-unavailable`.
   */
  async listen(listener: LiveListener): Promise<{ readonly end: LiveCursor; readonly stop: () => void }> {
    this.#listeners.add(listener);
    try {
      return { end: await this.#reading(), stop: () => this.#remove(listener) };
    } catch (error) {
      this.#remove(listener);
      throw error;
    }
  }

  async #reading(): Promise<LiveCursor> {
    if (this.#end !== null) return this.#end;
    this.#starting ??= this.events.liveEnd().finally(() => {
      this.#starting = null;
    });
    const end = await this.#starting;
    if (this.#end === null) {
      this.#end = end;
      void this.#read();
    }
    return end;
  }

  #remove(listener: LiveListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#wake?.();
  }

  async #read(): Promise<void> {
    while (this.#listeners.size > 0 && this.#end !== null) {
      try {
        const rows = await this.events.liveAfter(this.#end, {}, pageSize);
        const last = rows.at(-1);
        if (last) {
          this.#end = { xid: last.xid, position: last.position };
          this.#tell(rows.map(liveEventOf));
        }
        if (rows.length < pageSize) await this.#sleep(pollMs);
      } catch (err) {
        this.#logger.warn({ err }, 'the end of the log could not be read; it is tried again');
        await this.#sleep(retryMs);
      }
    }
    this.#end = null;
  }

  #tell(events: readonly LiveEvent[]): void {
    for (const listener of [...this.#listeners]) listener(events);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        this.#wake = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A row with its place in the live stream. */
export function liveEventOf(row: EventRow): LiveEvent {
  return { cursor: { xid: row.xid, position: row.position }, event: eventViewOf(row) };
}

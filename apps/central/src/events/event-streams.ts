import { type Clock, LatchkeyError } from '@latchkey/domain';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Response } from 'express';
import { SessionRepository } from '../auth/session.repository.ts';
import type { SignedIn } from '../auth/signed-in.ts';
import { mayKnowOfDuress } from '../auth/silent-alarms.ts';
import { CLOCK } from '../runtime/runtime.module.ts';
import type { EventFilter } from './event-filter.ts';
import { EventStream } from './event-stream.ts';
import { EventsRepository } from './events.repository.ts';
import { parseCursor } from './live-cursor.ts';
import { LiveEvents } from './live-events.ts';

/** Watchers of one account, and of all, at this instance. */
const maxPerAccount = 20;
const maxStreams = 200;

/** Everybody who watches the live log at this instance. */
@Injectable()
export class EventStreams implements OnModuleInit, BeforeApplicationShutdown {
  readonly #streams = new Map<EventStream, string>();

  constructor(
    @Inject(LiveEvents) private readonly live: LiveEvents,
    @Inject(EventsRepository) private readonly events: EventsRepository,
    @Inject(SessionRepository) private readonly sessions: SessionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Who signs out sees nothing more at once; at other instances at the next heartbeat. */
  onModuleInit(): void {
    this.sessions.onEnded(() => {
      for (const stream of this.#streams.keys()) void stream.check();
    });
  }

  beforeApplicationShutdown(): void {
    for (const stream of this.#streams.keys()) stream.end();
  }

  /**
   * Streams events into a response until the reader leaves, signs out or central stops.
   * @throws LatchkeyError `invalid-input` for a bad `lastEventId`, `too-many-requests`, `database-unavailable`; only before
   * the first byte.
   */
  async stream(
    watcher: SignedIn,
    filter: EventFilter,
    lastEventId: string | undefined,
    response: Response,
  ): Promise<void> {
    const after = lastEventId === undefined || lastEventId === '' ? null : parseCursor(lastEventId);
    this.#admit(watcher.accountId);
    const stream = new EventStream(this.live, this.events, response, {
      filter: { ...filter, discreet: !mayKnowOfDuress(watcher.role) },
      after,
      mayContinue: async () => (await this.sessions.find(watcher.tokenHash, new Date(this.clock.now()))) !== null,
    });
    this.#streams.set(stream, watcher.accountId);
    try {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        // For nginx, which otherwise gathers the stream.
        'X-Accel-Buffering': 'no',
      });
      await stream.run();
    } finally {
      this.#streams.delete(stream);
    }
  }

  #admit(accountId: string): void {
    const theirs = [...this.#streams.values()].filter((other) => other === accountId).length;
    if (theirs >= maxPerAccount || this.#streams.size >= maxStreams) {
      throw new LatchkeyError('too-many-requests', 'Too many live views are open; close some of them.');
    }
  }
}

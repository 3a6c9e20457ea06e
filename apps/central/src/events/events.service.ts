import type { EventsQuery, EventView } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { SignedIn } from '../auth/signed-in.ts';
import { mayKnowOfDuress } from '../auth/silent-alarms.ts';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { type EventFilter, viewFor } from './event-filter.ts';
import { eventViewOf } from './event-view.ts';
import { eventCursor } from './events.dto.ts';
import { EventsRepository } from './events.repository.ts';

/** The event log's reader. */
@Injectable()
export class EventsService {
  constructor(@Inject(EventsRepository) private readonly events: EventsRepository) {}

  /** Events newest first, as received. */
  async list({ limit, cursor, ...query }: EventsQuery, reader: SignedIn): Promise<Page<EventView>> {
    const filter: EventFilter = { ...query, discreet: !mayKnowOfDuress(reader.role) };
    const { position = null } = decodeCursor(eventCursor, cursor) ?? {};
    const page = pageOf(await this.events.list(filter, position, limit + 1), limit, ({ position }) => ({ position }));
    return { ...page, items: page.items.map((row) => viewFor(filter, eventViewOf(row))) };
  }

  /** @throws LatchkeyError `not-found`, also for what the reader may not know of. */
  async get(id: string, reader: SignedIn): Promise<EventView> {
    const filter = { discreet: !mayKnowOfDuress(reader.role) };
    const row = await this.events.find(id, filter);
    if (!row) throw new LatchkeyError('not-found', `There is no event "${id}".`);
    return viewFor(filter, eventViewOf(row));
  }

  /**
   * The picture of an event's face, a JPEG.
   * @throws LatchkeyError `not-found` when the event or its picture is not there.
   */
  async thumbnail(id: string): Promise<Buffer> {
    const jpeg = await this.events.thumbnail(id);
    if (!jpeg) throw new LatchkeyError('not-found', `Event "${id}" has no picture.`);
    return jpeg;
  }
}

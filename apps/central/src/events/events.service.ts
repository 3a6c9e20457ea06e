import type { EventsQuery, EventView } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { eventViewOf } from './event-view.ts';
import { eventCursor } from './events.dto.ts';
import { EventsRepository } from './events.repository.ts';

/** The event log's reader. */
@Injectable()
export class EventsService {
  constructor(@Inject(EventsRepository) private readonly events: EventsRepository) {}

  /** Events newest first, as received. */
  async list({ limit, cursor, ...filter }: EventsQuery): Promise<Page<EventView>> {
    const { position = null } = decodeCursor(eventCursor, cursor) ?? {};
    const page = pageOf(await this.events.list(filter, position, limit + 1), limit, ({ position }) => ({ position }));
    return { ...page, items: page.items.map(eventViewOf) };
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<EventView> {
    const row = await this.events.find(id);
    if (!row) throw new LatchkeyError('not-found', `There is no event "${id}".`);
    return eventViewOf(row);
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

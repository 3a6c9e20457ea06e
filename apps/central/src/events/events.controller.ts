import { type EventsQuery, type EventView, eventsQuery, eventView, uuid } from '@latchkey/contracts';
import { Controller, Get, Header, Headers, Inject, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentAccount, type SignedIn } from '../auth/signed-in.ts';
import type { Page } from '../http/paging.ts';
import { EventStreams } from './event-streams.ts';
import { eventPage, type StreamQuery, streamQuery } from './events.dto.ts';
import { EventsService } from './events.service.ts';

/** The log of verifications and whatever else devices tell. */
@ApiTags('events')
@Controller('events')
export class EventsController {
  constructor(
    @Inject(EventsService) private readonly events: EventsService,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  /** Events newest first. */
  @Get()
  @ApiOkResponse({ standardSchema: eventPage })
  list(
    @Query({ schema: eventsQuery }) query: EventsQuery,
    @CurrentAccount() account: SignedIn,
  ): Promise<Page<EventView>> {
    return this.events.list(query, account);
  }

  /**
   * New events as they are committed, as server-sent events: `data` is an event, `id` the place to resume from by
   * `Last-Event-ID`. An event of type `gap` says that too much was missed: read the list anew.
   */
  @Get('stream')
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ standardSchema: eventView })
  stream(
    @CurrentAccount() account: SignedIn,
    @Query({ schema: streamQuery }) { lastEventId, ...filter }: StreamQuery,
    @Headers('last-event-id') resumeAfter: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    return this.streams.stream(account, filter, resumeAfter ?? lastEventId, response);
  }

  /** One event. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: eventView })
  get(@Param('id', { schema: uuid }) id: string, @CurrentAccount() account: SignedIn): Promise<EventView> {
    return this.events.get(id, account);
  }

  /** The picture of an event's face. */
  @Get(':id/thumbnail')
  @ApiProduces('image/jpeg')
  @Header('Cache-Control', 'private, max-age=3600')
  @ApiOkResponse({ content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } })
  async thumbnail(@Param('id', { schema: uuid }) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.events.thumbnail(id), { type: 'image/jpeg' });
  }
}

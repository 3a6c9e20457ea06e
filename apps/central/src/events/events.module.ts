import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { IngestModule } from '../ingest/ingest.module.ts';
import { EventStreams } from './event-streams.ts';
import { EventsController } from './events.controller.ts';
import { EventsRepository } from './events.repository.ts';
import { EventsService } from './events.service.ts';
import { LiveEvents } from './live-events.ts';

/** The event log: pages, pictures and the live stream. */
@Module({
  imports: [AuthModule, IngestModule],
  controllers: [EventsController],
  providers: [EventsService, EventsRepository, EventStreams, LiveEvents],
})
export class EventsModule {}

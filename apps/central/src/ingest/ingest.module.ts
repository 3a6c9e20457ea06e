import { Module } from '@nestjs/common';
import { LinkModule } from '../link/link.module.ts';
import { CommitSignal } from './commit-signal.ts';
import { IngestMqttController } from './ingest.mqtt.controller.ts';
import { IngestRepository } from './ingest.repository.ts';
import { IngestService } from './ingest.service.ts';
import { IngestDatabase } from './ingest-database.ts';
import { UnreadableMessages } from './unreadable-messages.ts';

/** The way of events from devices into the log. */
@Module({
  imports: [LinkModule],
  controllers: [IngestMqttController],
  providers: [
    IngestService,
    IngestDatabase,
    {
      provide: IngestRepository,
      inject: [IngestDatabase],
      useFactory: ({ database }: IngestDatabase) => new IngestRepository(database),
    },
    UnreadableMessages,
    CommitSignal,
  ],
  exports: [CommitSignal, IngestService],
})
export class IngestModule {}

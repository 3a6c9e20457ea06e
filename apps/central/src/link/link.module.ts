import { Module } from '@nestjs/common';
import { BrokerModule } from '../broker/broker.module.ts';
import { CentralPublisher } from './central-publisher.ts';
import { LinkService } from './link.service.ts';

/** Central's session with the broker and its signed messages. */
@Module({
  imports: [BrokerModule],
  providers: [LinkService, CentralPublisher],
  exports: [LinkService, CentralPublisher],
})
export class LinkModule {}

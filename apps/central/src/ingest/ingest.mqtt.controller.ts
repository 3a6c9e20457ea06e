import type { EventEnvelope, TopicName } from '@latchkey/contracts';
import { type LinkContext, LinkExceptionFilter } from '@latchkey/link/nest';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { readIncoming } from './incoming-event.ts';
import { IngestService } from './ingest.service.ts';

/** Events of devices. The strategy has validated the envelope; the body is judged here, event by event. */
@Controller()
@UseFilters(LinkExceptionFilter)
export class IngestMqttController {
  constructor(@Inject(IngestService) private readonly ingest: IngestService) {}

  @EventPattern<TopicName>('event')
  async receive(@Payload() envelope: EventEnvelope, @Ctx() context: LinkContext): Promise<void> {
    const { site: siteId, device: deviceId, bytes: raw } = context;
    await this.ingest.accept(readIncoming(envelope, { siteId, deviceId, raw }));
  }
}

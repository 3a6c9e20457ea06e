import type { GalleryAsk, TopicName } from '@latchkey/contracts';
import { type LinkContext, LinkExceptionFilter } from '@latchkey/link/nest';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { GalleryService } from './gallery.service.ts';

/** Devices' questions about galleries. */
@Controller()
@UseFilters(LinkExceptionFilter)
export class GalleryMqttController {
  constructor(@Inject(GalleryService) private readonly gallery: GalleryService) {}

  @EventPattern<TopicName>('galleryAsk')
  ask(@Payload() ask: GalleryAsk, @Ctx() { site, device }: LinkContext): Promise<void> {
    return this.gallery.answer({ siteId: site, deviceId: device }, ask);
  }
}

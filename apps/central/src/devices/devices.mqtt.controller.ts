import type { GalleryReported, Presence, ReportedConfig, Telemetry, TopicName } from '@latchkey/contracts';
import { type LinkContext, LinkExceptionFilter } from '@latchkey/link/nest';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { DeviceReports } from './device-reports.ts';
import type { DeviceKey } from './device-state.repository.ts';

/** What devices say of themselves. */
@Controller()
@UseFilters(LinkExceptionFilter)
export class DevicesMqttController {
  constructor(@Inject(DeviceReports) private readonly reports: DeviceReports) {}

  @EventPattern<TopicName>('presence')
  presence(@Payload() presence: Presence, @Ctx() context: LinkContext): Promise<void> {
    return this.reports.presence(deviceOf(context), presence);
  }

  @EventPattern<TopicName>('telemetry')
  telemetry(@Payload() telemetry: Telemetry, @Ctx() context: LinkContext): Promise<void> {
    return this.reports.telemetry(deviceOf(context), telemetry);
  }

  @EventPattern<TopicName>('galleryReported')
  galleryReported(@Payload() reported: GalleryReported, @Ctx() context: LinkContext): Promise<void> {
    return this.reports.galleries(deviceOf(context), reported);
  }

  @EventPattern<TopicName>('configReported')
  configReported(@Payload() reported: ReportedConfig, @Ctx() context: LinkContext): Promise<void> {
    return this.reports.configuration(deviceOf(context), reported);
  }
}

function deviceOf({ site, device }: LinkContext): DeviceKey {
  return { siteId: site, deviceId: device };
}

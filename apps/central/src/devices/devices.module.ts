import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BrokerModule } from '../broker/broker.module.ts';
import { GalleryModule } from '../gallery/gallery.module.ts';
import { LinkModule } from '../link/link.module.ts';
import { DesiredConfigPublisher } from './desired-config-publisher.ts';
import { DeviceEntity } from './device.entity.ts';
import { DeviceGroupEntity } from './device-group.entity.ts';
import { DeviceIdentities } from './device-identities.ts';
import { DeviceReports } from './device-reports.ts';
import { DeviceStateRepository } from './device-state.repository.ts';
import { DevicesController } from './devices.controller.ts';
import { DevicesMqttController } from './devices.mqtt.controller.ts';
import { DevicesRepository } from './devices.repository.ts';
import { DevicesService } from './devices.service.ts';
import { GalleryReportEntity } from './gallery-report.entity.ts';
import { WipedDevices } from './wiped-devices.ts';

/** Devices: registration, wanted and reported state. */
@Module({
  imports: [
    TypeOrmModule.forFeature([DeviceEntity, DeviceGroupEntity, GalleryReportEntity]),
    BrokerModule,
    GalleryModule,
    LinkModule,
  ],
  controllers: [DevicesController, DevicesMqttController],
  providers: [
    DesiredConfigPublisher,
    DeviceIdentities,
    DeviceReports,
    DeviceStateRepository,
    DevicesRepository,
    DevicesService,
    WipedDevices,
  ],
  exports: [DesiredConfigPublisher, DeviceReports, DevicesService, WipedDevices],
})
export class DevicesModule {}

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CentralPublisher } from '../link/central-publisher.ts';
import { LinkModule } from '../link/link.module.ts';
import { ChangePublication } from './change-publication.ts';
import { GalleryMqttController } from './gallery.mqtt.controller.ts';
import { GalleryService } from './gallery.service.ts';
import { GalleryAnswers } from './gallery-answers.ts';
import { GalleryChangeEntity } from './gallery-change.entity.ts';
import { GalleryContentRepository } from './gallery-content.repository.ts';
import { GalleryGroupEntity } from './gallery-group.entity.ts';
import { GalleryLogRepository } from './gallery-log.repository.ts';
import { GalleryLog } from './gallery-log.ts';
import { HoldingEntity } from './holding.entity.ts';
import { HoldingRepository } from './holding.repository.ts';
import { Holdings } from './holdings.ts';
import { MessagePublisher } from './message-publisher.ts';

/** Change logs of groups: written with people, published, and answered from when devices ask. */
@Module({
  imports: [TypeOrmModule.forFeature([GalleryGroupEntity, GalleryChangeEntity, HoldingEntity]), LinkModule],
  controllers: [GalleryMqttController],
  providers: [
    ChangePublication,
    GalleryAnswers,
    GalleryContentRepository,
    GalleryLog,
    GalleryLogRepository,
    GalleryService,
    HoldingRepository,
    Holdings,
    { provide: MessagePublisher, useExisting: CentralPublisher },
  ],
  exports: [ChangePublication, GalleryContentRepository, GalleryLog, GalleryLogRepository, Holdings],
})
export class GalleryModule {}

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { GalleryModule } from '../gallery/gallery.module.ts';
import { GroupsModule } from '../groups/groups.module.ts';
import { Uploads } from '../http/uploads.ts';
import { FaceAnalysisModule } from '../recognition/face-analysis.module.ts';
import { EncodingUpgrade } from './encoding-upgrade.ts';
import { EnrolmentService } from './enrolment.service.ts';
import { EnrolmentHygiene } from './enrolment-hygiene.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { ErasureService } from './erasure.service.ts';
import { ErasureLedgerEntity } from './erasure-ledger.entity.ts';
import { EventEnrolment } from './event-enrolment.ts';
import { EventFaceRepository } from './event-face.repository.ts';
import { ModelUpgradeRepository } from './model-upgrade.repository.ts';
import { ModelUpgrade } from './model-upgrade.ts';
import { PeopleController } from './people.controller.ts';
import { PeopleService } from './people.service.ts';
import { PersonEntity, PersonGroupEntity } from './person.entity.ts';
import { PersonRepository } from './person.repository.ts';
import { PersonGallery } from './person-gallery.ts';
import { EncodingEntity, PhotoEntity } from './photo.entity.ts';
import { PhotoRepository } from './photo.repository.ts';
import { PhotoIntake } from './photo-intake.ts';
import { PhotosController } from './photos.controller.ts';

/** People: enrolling, changing and erasing them. */
@Module({
  imports: [
    TypeOrmModule.forFeature([PersonEntity, PersonGroupEntity, PhotoEntity, EncodingEntity, ErasureLedgerEntity]),
    FaceAnalysisModule,
    GalleryModule,
    GroupsModule,
    Uploads,
  ],
  controllers: [PeopleController, PhotosController],
  providers: [
    EncodingUpgrade,
    EnrolmentHygiene,
    EnrolmentService,
    ErasureRepository,
    ErasureService,
    EventEnrolment,
    EventFaceRepository,
    ModelUpgrade,
    ModelUpgradeRepository,
    PeopleService,
    PersonGallery,
    PersonRepository,
    PhotoIntake,
    PhotoRepository,
  ],
  exports: [PersonRepository],
})
export class PeopleModule {}

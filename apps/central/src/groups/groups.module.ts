import { Module } from '@nestjs/common';
import { FaceAnalysisModule } from '../recognition/face-analysis.module.ts';
import { GroupRepository } from './group.repository.ts';
import { GroupsController } from './groups.controller.ts';
import { GroupsService } from './groups.service.ts';

/** Groups of people that devices hold. */
@Module({
  imports: [FaceAnalysisModule],
  controllers: [GroupsController],
  providers: [GroupsService, GroupRepository],
  exports: [GroupsService],
})
export class GroupsModule {}

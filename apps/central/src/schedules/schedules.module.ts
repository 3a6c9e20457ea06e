import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { SchedulesController } from './schedules.controller.ts';
import { SchedulesRepository } from './schedules.repository.ts';
import { SchedulesService } from './schedules.service.ts';

/** Schedules that people may be bound to. */
@Module({
  imports: [DevicesModule],
  controllers: [SchedulesController],
  providers: [SchedulesService, SchedulesRepository],
})
export class SchedulesModule {}

import { Module } from '@nestjs/common';
import { PartitionsRepository } from './partitions.repository.ts';
import { PartitionsService } from './partitions.service.ts';

/** Partitions and retention of the log. */
@Module({ providers: [PartitionsService, PartitionsRepository] })
export class PartitionsModule {}

import { Module } from '@nestjs/common';
import { AccessRepository } from './access.repository.ts';
import { BrokerService } from './broker.service.ts';

/** The embedded broker and who may do what on it. */
@Module({ providers: [BrokerService, AccessRepository], exports: [BrokerService] })
export class BrokerModule {}

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DevicesModule } from '../devices/devices.module.ts';
import { LinkModule } from '../link/link.module.ts';
import { CommandEntity } from './command.entity.ts';
import { CommandsController } from './commands.controller.ts';
import { CommandsMqttController } from './commands.mqtt.controller.ts';
import { CommandsRepository } from './commands.repository.ts';
import { CommandsService } from './commands.service.ts';
import { WaitingCommands } from './waiting-commands.ts';

/** What devices are told to do. */
@Module({
  imports: [TypeOrmModule.forFeature([CommandEntity]), DevicesModule, LinkModule],
  controllers: [CommandsController, CommandsMqttController],
  providers: [CommandsRepository, CommandsService, WaitingCommands],
})
export class CommandsModule {}

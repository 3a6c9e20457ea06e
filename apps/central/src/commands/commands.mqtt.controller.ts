import type { CommandResult, TopicName } from '@latchkey/contracts';
import { type LinkContext, LinkExceptionFilter } from '@latchkey/link/nest';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { CommandsService } from './commands.service.ts';

/** What devices say of commands. */
@Controller()
@UseFilters(LinkExceptionFilter)
export class CommandsMqttController {
  constructor(@Inject(CommandsService) private readonly commands: CommandsService) {}

  @EventPattern<TopicName>('commandResult')
  result(@Payload() result: CommandResult, @Ctx() { site, device, command }: LinkContext): Promise<void> {
    return this.commands.hear({ siteId: site, deviceId: device }, command, result);
  }
}

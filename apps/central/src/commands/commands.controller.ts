import { type CommandCall, type CommandView, commandCall, commandView, slug, uuid } from '@latchkey/contracts';
import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  StreamableFile,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentAccount, Roles, type SignedIn } from '../auth/signed-in.ts';
import { commandList } from './commands.dto.ts';
import { CommandsService } from './commands.service.ts';

/** What devices are told to do. */
@ApiTags('commands')
@Controller()
export class CommandsController {
  constructor(@Inject(CommandsService) private readonly commands: CommandsService) {}

  /** Tells a device to do something; `GET commands/{id}` says what becomes of it. `wipe` is for admins. */
  @Post('devices/:id/commands')
  @Roles('operator')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiAcceptedResponse({ standardSchema: commandView })
  give(
    @Param('id', { schema: slug }) id: string,
    @Body({ schema: commandCall }) call: CommandCall,
    @CurrentAccount() account: SignedIn,
  ): Promise<CommandView> {
    return this.commands.give(id, call, account);
  }

  /** The newest commands of a device. */
  @Get('devices/:id/commands')
  @Roles('operator')
  @ApiOkResponse({ standardSchema: commandList })
  list(@Param('id', { schema: slug }) id: string): Promise<readonly CommandView[]> {
    return this.commands.list(id);
  }

  /** One command. */
  @Get('commands/:id')
  @Roles('operator')
  @ApiOkResponse({ standardSchema: commandView })
  get(@Param('id', { schema: uuid }) id: string): Promise<CommandView> {
    return this.commands.get(id);
  }

  /** The picture of a `snapshot`, for an hour. */
  @Get('commands/:id/picture')
  @Roles('operator')
  @ApiProduces('image/jpeg')
  @Header('Cache-Control', 'private, no-store')
  @ApiOkResponse({ content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } })
  async picture(@Param('id', { schema: uuid }) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.commands.picture(id), { type: 'image/jpeg' });
  }
}

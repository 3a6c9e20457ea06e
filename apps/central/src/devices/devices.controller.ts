import {
  type AgentIdentity,
  agentIdentity,
  type CreateDeviceRequest,
  createDeviceRequest,
  type DeviceView,
  deviceView,
  type PageQuery,
  pageQuery,
  slug,
  type UpdateDeviceRequest,
  updateDeviceRequest,
} from '@latchkey/contracts';
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Page } from '../http/paging.ts';
import { devicePage } from './devices.dto.ts';
import { DevicesService } from './devices.service.ts';

/** Edge agents and their doors. */
@ApiTags('devices')
@Controller('devices')
export class DevicesController {
  constructor(@Inject(DevicesService) private readonly devices: DevicesService) {}

  /** Devices by id. */
  @Get()
  @ApiOkResponse({ standardSchema: devicePage })
  list(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<DeviceView>> {
    return this.devices.list(query);
  }

  /** One device. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: deviceView })
  get(@Param('id', { schema: slug }) id: string): Promise<DeviceView> {
    return this.devices.get(id);
  }

  /** Makes a device and answers with its identity file. Its password is in no other answer. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ standardSchema: agentIdentity })
  create(@Body({ schema: createDeviceRequest }) body: CreateDeviceRequest): Promise<AgentIdentity> {
    return this.devices.create(body);
  }

  /** Changes name, groups or door. */
  @Patch(':id')
  @ApiOkResponse({ standardSchema: deviceView })
  update(
    @Param('id', { schema: slug }) id: string,
    @Body({ schema: updateDeviceRequest }) body: UpdateDeviceRequest,
  ): Promise<DeviceView> {
    return this.devices.update(id, body);
  }

  /** Deletes a device and cuts its connection. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  remove(@Param('id', { schema: slug }) id: string): Promise<void> {
    return this.devices.remove(id);
  }
}

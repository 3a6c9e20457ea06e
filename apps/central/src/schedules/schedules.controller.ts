import {
  type CreateScheduleRequest,
  createScheduleRequest,
  type PageQuery,
  pageQuery,
  type ScheduleView,
  scheduleView,
  slug,
  type UpdateScheduleRequest,
  updateScheduleRequest,
} from '@latchkey/contracts';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Page } from '../http/paging.ts';
import { schedulePage } from './schedules.dto.ts';
import { SchedulesService } from './schedules.service.ts';

/** Schedules that people may be bound to. */
@ApiTags('schedules')
@Controller('schedules')
export class SchedulesController {
  constructor(@Inject(SchedulesService) private readonly schedules: SchedulesService) {}

  /** Schedules by id. */
  @Get()
  @ApiOkResponse({ standardSchema: schedulePage })
  list(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<ScheduleView>> {
    return this.schedules.list(query);
  }

  /** Makes a schedule; devices have it with their next configuration. */
  @Post()
  @ApiCreatedResponse({ standardSchema: scheduleView })
  create(@Body({ schema: createScheduleRequest }) body: CreateScheduleRequest): Promise<ScheduleView> {
    return this.schedules.create(body);
  }

  /** One schedule. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: scheduleView })
  get(@Param('id', { schema: slug }) id: string): Promise<ScheduleView> {
    return this.schedules.get(id);
  }

  /** Changes what is given. */
  @Patch(':id')
  @ApiOkResponse({ standardSchema: scheduleView })
  update(
    @Param('id', { schema: slug }) id: string,
    @Body({ schema: updateScheduleRequest }) body: UpdateScheduleRequest,
  ): Promise<ScheduleView> {
    return this.schedules.update(id, body);
  }

  /** Deletes a schedule that nobody is bound to. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  remove(@Param('id', { schema: slug }) id: string): Promise<void> {
    return this.schedules.remove(id);
  }
}

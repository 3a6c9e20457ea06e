import {
  type CreateGroupRequest,
  createGroupRequest,
  type GroupView,
  groupView,
  type PageQuery,
  pageQuery,
  slug,
} from '@latchkey/contracts';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Page } from '../http/paging.ts';
import { groupPage } from './groups.dto.ts';
import { GroupsService } from './groups.service.ts';

/** Groups of people that devices hold. */
@ApiTags('groups')
@Controller('groups')
export class GroupsController {
  constructor(@Inject(GroupsService) private readonly groups: GroupsService) {}

  /** Groups by id. */
  @Get()
  @ApiOkResponse({ standardSchema: groupPage })
  list(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<GroupView>> {
    return this.groups.list(query);
  }

  /** Makes a group. */
  @Post()
  @ApiCreatedResponse({ standardSchema: groupView })
  create(@Body({ schema: createGroupRequest }) body: CreateGroupRequest): Promise<GroupView> {
    return this.groups.create(body);
  }

  /** One group. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: groupView })
  get(@Param('id', { schema: slug }) id: string): Promise<GroupView> {
    return this.groups.get(id);
  }
}

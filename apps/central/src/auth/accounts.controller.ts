import {
  type CreateAccountRequest,
  createAccountRequest,
  type ListedAccount,
  listedAccount,
  type PageQuery,
  page,
  pageQuery,
  uuid,
} from '@latchkey/contracts';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Page } from '../http/paging.ts';
import { AccountsService } from './accounts.service.ts';
import { Roles } from './signed-in.ts';

const accountPage = page(listedAccount);

/** Who may sign in; for admins. */
@ApiTags('accounts')
@Controller('accounts')
@Roles('admin')
export class AccountsController {
  constructor(@Inject(AccountsService) private readonly accounts: AccountsService) {}

  /** Accounts by e-mail address. */
  @Get()
  @ApiOkResponse({ standardSchema: accountPage })
  list(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<ListedAccount>> {
    return this.accounts.list(query);
  }

  /** Makes an account. */
  @Post()
  @ApiCreatedResponse({ standardSchema: listedAccount })
  create(@Body({ schema: createAccountRequest }) body: CreateAccountRequest): Promise<ListedAccount> {
    return this.accounts.create(body);
  }

  /** Deletes an account and ends its sessions. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  delete(@Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.accounts.delete(id);
  }
}

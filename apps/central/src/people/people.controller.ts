import {
  type CreatePersonRequest,
  createPersonRequest,
  type PeopleQuery,
  type PersonView,
  peopleQuery,
  personView,
  type UpdatePersonRequest,
  updatePersonRequest,
  uuid,
} from '@latchkey/contracts';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentAccount, Roles, type SignedIn } from '../auth/signed-in.ts';
import type { Page } from '../http/paging.ts';
import { ErasureService } from './erasure.service.ts';
import { peoplePage } from './people.dto.ts';
import { PeopleService } from './people.service.ts';

/** People who are enrolled. */
@ApiTags('people')
@Controller('people')
export class PeopleController {
  constructor(
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(ErasureService) private readonly erasure: ErasureService,
  ) {}

  /** People by name. */
  @Get()
  @ApiOkResponse({ standardSchema: peoplePage })
  list(
    @Query({ schema: peopleQuery }) query: PeopleQuery,
    @CurrentAccount() { role }: SignedIn,
  ): Promise<Page<PersonView>> {
    return this.people.list(query, role);
  }

  /** Adds a person; without `groupIds` to the group `everyone`. */
  @Post()
  @Roles('enroller')
  @ApiCreatedResponse({ standardSchema: personView })
  create(
    @Body({ schema: createPersonRequest }) body: CreatePersonRequest,
    @CurrentAccount() { role }: SignedIn,
  ): Promise<PersonView> {
    return this.people.create(body, role);
  }

  /** One person. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: personView })
  get(@Param('id', { schema: uuid }) id: string, @CurrentAccount() { role }: SignedIn): Promise<PersonView> {
    return this.people.get(id, role);
  }

  /** Changes what is given. */
  @Patch(':id')
  @Roles('enroller')
  @ApiOkResponse({ standardSchema: personView })
  update(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: updatePersonRequest }) body: UpdatePersonRequest,
    @CurrentAccount() { role }: SignedIn,
  ): Promise<PersonView> {
    return this.people.update(id, body, role);
  }

  /** Erases a person: name, photos and encodings, here and on every device. */
  @Delete(':id')
  @Roles('enroller')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  erase(@Param('id', { schema: uuid }) id: string, @CurrentAccount() account: SignedIn): Promise<void> {
    return this.erasure.erase(id, account.accountId);
  }
}

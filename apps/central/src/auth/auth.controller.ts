import {
  type AccountView,
  accountView as accountSchema,
  type LoginRequest,
  type LoginResponse,
  loginRequest,
  loginResponse,
  type PasswordRequest,
  passwordRequest,
} from '@latchkey/contracts';
import { Body, Controller, Get, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { addressOf } from '../http/address.ts';
import { AuthService, accountView, sessionLifetimeMs } from './auth.service.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';
import { CurrentAccount, Roles, type SignedIn } from './signed-in.ts';

/** Signing in and out. */
@ApiTags('auth')
@Controller('auth')
@Roles('admin', 'enroller', 'operator', 'viewer')
export class AuthController {
  constructor(@Inject(AuthService) private readonly auth: AuthService) {}

  /** Signs in: the token comes in the answer, for `Authorization: Bearer`, and as a cookie. */
  @Post('login')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ standardSchema: loginResponse })
  async login(
    @Body({ schema: loginRequest }) body: LoginRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginResponse> {
    const session = await this.auth.login(body, addressOf(request));
    setSessionCookie(request, response, session.token, sessionLifetimeMs);
    return session;
  }

  /** Signs out. */
  @Post('logout')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  async logout(
    @CurrentAccount() account: SignedIn,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.auth.logout(account);
    clearSessionCookie(request, response);
  }

  /** Who is signed in. */
  @Get('me')
  @ApiOkResponse({ standardSchema: accountSchema })
  me(@CurrentAccount() account: SignedIn): AccountView {
    return accountView(account);
  }

  /** Changes one's own password. */
  @Post('password')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  async changePassword(
    @CurrentAccount() account: SignedIn,
    @Body({ schema: passwordRequest }) body: PasswordRequest,
    @Req() request: Request,
  ): Promise<void> {
    await this.auth.changePassword(account, body, addressOf(request));
  }
}

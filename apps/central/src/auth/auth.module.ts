import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountEntity } from './account.entity.ts';
import { AccountRepository } from './account.repository.ts';
import { AccountsController } from './accounts.controller.ts';
import { AccountsService } from './accounts.service.ts';
import { AuthController } from './auth.controller.ts';
import { AuthService } from './auth.service.ts';
import { FirstAdmin } from './first-admin.ts';
import { LoginAttemptRepository } from './login-attempt.repository.ts';
import { LoginThrottle } from './login-throttle.ts';
import { RolesGuard } from './roles.guard.ts';
import { SessionEntity } from './session.entity.ts';
import { SessionRepository } from './session.repository.ts';

/** Accounts, sessions and roles. */
@Module({
  imports: [TypeOrmModule.forFeature([AccountEntity, SessionEntity])],
  controllers: [AuthController, AccountsController],
  providers: [
    AccountsService,
    AuthService,
    AccountRepository,
    SessionRepository,
    LoginAttemptRepository,
    LoginThrottle,
    FirstAdmin,
    { provide: APP_GUARD, useClass: RolesGuard },
  ],
  exports: [SessionRepository],
})
export class AuthModule {}

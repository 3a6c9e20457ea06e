import type { CentralConfig } from '@latchkey/config';
import type { Clock } from '@latchkey/domain';
import { type DynamicModule, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { AuditModule } from './audit/audit.module.ts';
import { AuthModule } from './auth/auth.module.ts';
import { DatabaseModule } from './database/database.module.ts';
import { GroupsModule } from './groups/groups.module.ts';
import { HealthModule } from './health/health.module.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { IngestModule } from './ingest/ingest.module.ts';
import { PeopleModule } from './people/people.module.ts';
import { RecognitionModule } from './recognition/recognition.module.ts';
import { runtimeModule } from './runtime/runtime.module.ts';

/** Central: one module a slice. */
@Module({})
export class AppModule {}

/** The {@link AppModule} for a configuration. Nothing runs before `app.init()`. */
export function appModule(config: CentralConfig, logger: Logger, clock: Clock): DynamicModule {
  return {
    module: AppModule,
    imports: [
      runtimeModule(config, logger, clock),
      DatabaseModule,
      AuditModule,
      AuthModule,
      HealthModule,
      GroupsModule,
      PeopleModule,
      RecognitionModule,
      IngestModule,
    ],
    providers: [
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
    ],
  };
}

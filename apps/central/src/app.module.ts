import { type DynamicModule, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AuditModule } from './audit/audit.module.ts';
import { AuthModule } from './auth/auth.module.ts';
import { CommandsModule } from './commands/commands.module.ts';
import { DatabaseModule } from './database/database.module.ts';
import { DevicesModule } from './devices/devices.module.ts';
import { EventsModule } from './events/events.module.ts';
import { GroupsModule } from './groups/groups.module.ts';
import { HealthModule } from './health/health.module.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { IngestModule } from './ingest/ingest.module.ts';
import { PartitionsModule } from './partitions/partitions.module.ts';
import { PeopleModule } from './people/people.module.ts';
import { RecognitionModule } from './recognition/recognition.module.ts';
import { type Runtime, runtimeModule } from './runtime/runtime.module.ts';
import { SchedulesModule } from './schedules/schedules.module.ts';

/** Central: one module a slice. */
@Module({})
export class AppModule {}

/** The {@link AppModule} of a process. Nothing runs before `app.init()`. */
export function appModule(runtime: Runtime): DynamicModule {
  return {
    module: AppModule,
    imports: [
      runtimeModule(runtime),
      DatabaseModule,
      AuditModule,
      AuthModule,
      HealthModule,
      GroupsModule,
      PeopleModule,
      RecognitionModule,
      IngestModule,
      DevicesModule,
      CommandsModule,
      SchedulesModule,
      EventsModule,
      PartitionsModule,
    ],
    providers: [
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
    ],
  };
}

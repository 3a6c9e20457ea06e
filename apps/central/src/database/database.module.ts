import type { CentralConfig } from '@latchkey/config';
import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';
import { dataSourceOptions } from './data-source.ts';
import { Database } from './database.ts';

/**
 * The database for every slice: inject {@link Database}. A slice registers its entities with
 * `TypeOrmModule.forFeature([…])` in its own module and its migrations in `migrations/index.ts`.
 */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [CENTRAL_CONFIG, LOGGER],
      useFactory: (config: CentralConfig, logger: Logger) => ({
        ...dataSourceOptions({
          databaseUrl: config.databaseUrl,
          onPoolError: (err) => logger.warn({ err, part: 'database' }, 'an idle database connection was lost'),
        }),
        autoLoadEntities: true,
        retryAttempts: 3,
        retryDelay: 1000,
      }),
    }),
  ],
  providers: [Database],
  exports: [Database],
})
export class DatabaseModule {}

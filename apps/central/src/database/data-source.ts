import type { DataSourceOptions } from 'typeorm';
import { migrations } from './migrations/index.ts';

/** Options of the connection pool; entities are added by the slices (`TypeOrmModule.forFeature`). */
export interface DataSourceSettings {
  readonly databaseUrl: string;
  /** Connections of the pool. Default 10. */
  readonly poolSize?: number;
  /** After that long a statement fails though its server says nothing; default: never, but for the server's own limit. */
  readonly queryTimeoutMs?: number;
  /** Told of errors of idle connections, which the pool replaces by itself. */
  readonly onPoolError?: (error: unknown) => void;
}

/**
 * TypeORM's options for central's database. Never `synchronize`: the schema is what the migrations made.
 *
 * A connection that cannot be made within 5 s fails its request (503) instead of piling requests up; no statement runs
 * longer than 30 s.
 */
export function dataSourceOptions(settings: DataSourceSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.databaseUrl,
    applicationName: 'latchkey-central',
    synchronize: false,
    migrationsRun: false,
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    logging: false,
    connectTimeoutMS: 5000,
    poolErrorHandler: settings.onPoolError ?? (() => undefined),
    extra: {
      max: settings.poolSize ?? 10,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 60_000,
      query_timeout: settings.queryTimeoutMs,
    },
  };
}

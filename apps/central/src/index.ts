export { Central, type CentralOptions } from './central.ts';
export { runMigrations } from './database/migrate.ts';

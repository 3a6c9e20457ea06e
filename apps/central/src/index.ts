export { Central, type CentralOptions } from './central.ts';
export { runMigrations } from './database/migrate.ts';
export { openApiJson } from './openapi-json.ts';

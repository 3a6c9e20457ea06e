import { z } from 'zod';
import { port } from './common-options.ts';
import { type Environment, readOptions } from './read-options.ts';

/** Every option of `latchkey up` (`npm start`), by environment variable. What its parts read is passed on to them. */
export const upOptions = z.object({
  LATCHKEY_DATABASE_URL: z.url().optional().describe('Postgres to use instead of the embedded one.'),
  LATCHKEY_MQTT_URL: z.url().optional().describe('MQTT broker to use instead of the embedded one.'),
  LATCHKEY_HTTP_PORT: port.default(8080).describe('First port to try for dashboard and API; `--port` wins.'),
  LATCHKEY_DATA_DIR: z.string().default('.latchkey').describe('Folder of everything that is kept; `--data` wins.'),
  LATCHKEY_SITE: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .default('main')
    .describe('Site of the demo device.'),
});

/** Configuration of `latchkey up`, parsed. */
export interface UpConfig {
  /** Null: run the embedded Postgres. */
  readonly databaseUrl: string | null;
  /** Null: central runs its embedded broker. */
  readonly mqttUrl: string | null;
  readonly httpPort: number;
  readonly dataDir: string;
  readonly siteId: string;
}

/**
 * The configuration of `latchkey up` from an environment.
 * @throws LatchkeyError `config-invalid`.
 */
export function readUpConfig(environment: Environment = process.env): UpConfig {
  const options = readOptions(upOptions, environment);
  return {
    databaseUrl: options.LATCHKEY_DATABASE_URL ?? null,
    mqttUrl: options.LATCHKEY_MQTT_URL ?? null,
    httpPort: options.LATCHKEY_HTTP_PORT,
    dataDir: options.LATCHKEY_DATA_DIR,
    siteId: options.LATCHKEY_SITE,
  };
}

/**
 * glibc keeps up to eight heaps per core for threads, and what pictures and networks leave free in each is not given back:
 * with two the demo agent takes 330 MB instead of 450, central 260 instead of 360, at the same speed. Other C libraries ignore it.
 */
const fewerHeaps = { MALLOC_ARENA_MAX: '2' };

/** The environment of a child process: this one's with changes, `undefined` taking a variable away. */
export function childEnvironment(changes: Environment, environment: Environment = process.env): Record<string, string> {
  const merged = Object.entries({ ...fewerHeaps, ...environment, ...changes });
  return Object.fromEntries(merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

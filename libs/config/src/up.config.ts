import { z } from 'zod';
import { oneCamera, port, severalCameras } from './common-options.ts';
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
  LATCHKEY_CAMERA: oneCamera,
  LATCHKEY_CAMERAS: severalCameras,
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
  /** Null: none is named. */
  readonly camera: string | null;
  /** Whether several cameras are named; the agent reads them itself. */
  readonly severalCameras: boolean;
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
    camera: options.LATCHKEY_CAMERA ?? null,
    severalCameras: options.LATCHKEY_CAMERAS !== undefined,
  };
}

/**
 * glibc keeps up to eight heaps per core for threads, and raises the size from which it gives memory back at once to that of the
 * largest frame. With two heaps the demo agent takes 350 MB instead of 450, and with a fixed limit of 128 KB besides 295; central
 * 210 instead of 360; both at the same speed. Other C libraries ignore it.
 */
const heapOptions = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** The environment of a child process: this one's with changes, `undefined` taking a variable away. */
export function childEnvironment(changes: Environment, environment: Environment = process.env): Record<string, string> {
  const merged = Object.entries({ ...heapOptions, ...environment, ...changes });
  return Object.fromEntries(merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

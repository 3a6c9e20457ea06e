import { isTimeZone } from '@latchkey/domain';
import { z } from 'zod';
import { defaultEngineDir, engine, engineDir, engineThreads, logLevel, port } from './common-options.ts';
import { type Environment, readOptions } from './read-options.ts';

/** Every option of central, by environment variable. */
export const centralOptions = z.object({
  LATCHKEY_DATABASE_URL: z.url().describe('Postgres to use. Without it `npm start` runs its own.'),
  LATCHKEY_MQTT_URL: z
    .url()
    .optional()
    .describe(
      'MQTT broker to use (mqtt:// or mqtts://, user and password in it). Without it central runs its own on loopback.',
    ),
  LATCHKEY_BROKER_PORT: port.default(0).describe('Port of the embedded broker, 0: any free one.'),
  LATCHKEY_HTTP_HOST: z.string().default('127.0.0.1').describe('Address on which the dashboard and the API listen.'),
  LATCHKEY_HTTP_PORT: port.default(8080).describe('Port of dashboard and API.'),
  LATCHKEY_DATA_DIR: z.string().default('.latchkey').describe('Folder of keys, photos and model cache.'),
  LATCHKEY_DASHBOARD_DIR: z
    .string()
    .optional()
    .describe('Folder of the built dashboard; without it only the API is served.'),
  LATCHKEY_SITE: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .default('main')
    .describe('Site of new groups and devices.'),
  LATCHKEY_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'an IANA time zone such as Europe/Berlin')
    .optional()
    .describe('Time zone in which the doors of new devices keep schedules. Default: that of this machine.'),
  LATCHKEY_ENGINE: engine.default('auto'),
  LATCHKEY_ENGINE_DIR: engineDir,
  LATCHKEY_ENGINE_THREADS: engineThreads.default(1),
  LATCHKEY_LOG_LEVEL: logLevel.default('info'),
  LATCHKEY_EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).default(365).describe('How long the log keeps events.'),
});

/** Central's configuration, parsed. */
export interface CentralConfig {
  readonly databaseUrl: string;
  /** Null: run the embedded broker. */
  readonly mqttUrl: string | null;
  readonly brokerPort: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly dataDir: string;
  readonly dashboardDir: string | null;
  readonly siteId: string;
  /** IANA name, for new devices. */
  readonly timeZone: string;
  readonly engine: z.infer<typeof engine>;
  readonly engineDir: string;
  readonly engineThreads: number;
  readonly logLevel: z.infer<typeof logLevel>;
  readonly eventRetentionDays: number;
}

/**
 * Central's configuration from an environment.
 * @throws LatchkeyError `config-invalid`.
 */
export function readCentralConfig(environment: Environment = process.env): CentralConfig {
  const options = readOptions(centralOptions, environment);
  return {
    databaseUrl: options.LATCHKEY_DATABASE_URL,
    mqttUrl: options.LATCHKEY_MQTT_URL ?? null,
    brokerPort: options.LATCHKEY_BROKER_PORT,
    httpHost: options.LATCHKEY_HTTP_HOST,
    httpPort: options.LATCHKEY_HTTP_PORT,
    dataDir: options.LATCHKEY_DATA_DIR,
    dashboardDir: options.LATCHKEY_DASHBOARD_DIR ?? null,
    siteId: options.LATCHKEY_SITE,
    timeZone: options.LATCHKEY_TIME_ZONE ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    engine: options.LATCHKEY_ENGINE,
    engineDir: options.LATCHKEY_ENGINE_DIR ?? defaultEngineDir(),
    engineThreads: options.LATCHKEY_ENGINE_THREADS,
    logLevel: options.LATCHKEY_LOG_LEVEL,
    eventRetentionDays: options.LATCHKEY_EVENT_RETENTION_DAYS,
  };
}

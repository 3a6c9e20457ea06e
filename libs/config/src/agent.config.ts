import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import { type CameraConfig, defaultHoldMs, parseCamera, parseCameras } from './camera.config.ts';
import {
  defaultEngineDir,
  engine,
  engineDir,
  engineThreads,
  logLevel,
  oneCamera,
  port,
  severalCameras,
} from './common-options.ts';
import { withConfigFile } from './config-file.ts';
import { type DoorHardwareConfig, noDoorHardware, parseDoorHardware } from './door-hardware.config.ts';
import { type Environment, readOptions } from './read-options.ts';

/** Every option of the edge agent, by environment variable. */
export const agentOptions = z.object({
  LATCHKEY_AGENT_DIR: z
    .string()
    .default('.latchkey/agent')
    .describe('Folder of the agent: `agent.json`, `keys/`, its encrypted database.'),
  LATCHKEY_CONFIG_FILE: z
    .string()
    .optional()
    .describe(
      'File of options, YAML or JSON, below the environment: keys as `cameraFps` for `LATCHKEY_CAMERA_FPS`; see `docs/operations.md`.',
    ),
  LATCHKEY_DOOR: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .optional()
    .describe('Door policy, or parts of one, until central sends its own: JSON as `{"votesNeeded":3}`.'),
  LATCHKEY_DOOR_HARDWARE: z
    .string()
    .optional()
    .describe(
      'Lock, door contact and request-to-exit button: JSON, or the path of a file of it; without it a line in the log is the door. See `docs/doors.md`.',
    ),
  LATCHKEY_CAMERA: oneCamera,
  LATCHKEY_CAMERAS: severalCameras,
  LATCHKEY_CAMERA_FPS: z.coerce
    .number()
    .min(0.1)
    .max(120)
    .optional()
    .describe('Frames per second of a camera at most. Default: 5 for a folder, 15 for others.'),
  LATCHKEY_CAMERA_HOLD_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(defaultHoldMs)
    .describe('How long a folder camera shows each picture, in milliseconds.'),
  LATCHKEY_MODEL_CACHE_DIR: z
    .string()
    .default('.latchkey/models')
    .describe('Folder of compiled networks, and of models that were added by `latchkey models add`.'),
  LATCHKEY_ENGINE: engine.default('auto'),
  LATCHKEY_ENGINE_DIR: engineDir,
  LATCHKEY_ENGINE_THREADS: engineThreads.default(1),
  LATCHKEY_LOG_LEVEL: logLevel.default('info'),
  LATCHKEY_OUTBOX_MAX_EVENTS: z.coerce
    .number()
    .int()
    .min(100)
    .default(200_000)
    .describe('Events that the outbox holds before it drops the least important.'),
  LATCHKEY_OUTBOX_KEEP_DAYS: z.coerce
    .number()
    .min(0)
    .default(7)
    .describe('How long acknowledged events stay on the device.'),
  LATCHKEY_LOCAL_PAGE_PORT: port
    .optional()
    .describe("Port of the agent's own page with live pictures; without it there is none. See `docs/operations.md`."),
  LATCHKEY_LOCAL_PAGE_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe("Address that the agent's own page listens on; others than this machine see it with `0.0.0.0`."),
});

/** The agent's configuration, parsed. */
export interface AgentConfig {
  readonly agentDir: string;
  /** At least one. */
  readonly cameras: readonly CameraConfig[];
  /** Parts of a door policy, not parsed yet; null: none. */
  readonly door: unknown;
  /** Its lock and what it tells. */
  readonly doorHardware: DoorHardwareConfig;
  readonly modelCacheDir: string;
  readonly engine: z.infer<typeof engine>;
  readonly engineDir: string;
  readonly engineThreads: number;
  readonly logLevel: z.infer<typeof logLevel>;
  readonly outboxMaxEvents: number;
  readonly outboxKeepDays: number;
  /** Where the agent's own page listens; null: there is none. */
  readonly localPage: { readonly host: string; readonly port: number } | null;
}

/**
 * The agent's configuration from an environment, and the file that it names.
 * @throws LatchkeyError `config-invalid`; `missing-file` when there is no such file of options, cameras or the door.
 */
export function readAgentConfig(environment: Environment = process.env): AgentConfig {
  const names = Object.keys(agentOptions.shape).filter((name) => name !== 'LATCHKEY_CONFIG_FILE');
  const options = readOptions(agentOptions, withConfigFile(environment, names));
  return {
    agentDir: options.LATCHKEY_AGENT_DIR,
    cameras: camerasOf(options),
    door: options.LATCHKEY_DOOR ?? null,
    doorHardware:
      options.LATCHKEY_DOOR_HARDWARE === undefined ? noDoorHardware : parseDoorHardware(options.LATCHKEY_DOOR_HARDWARE),
    modelCacheDir: options.LATCHKEY_MODEL_CACHE_DIR,
    engine: options.LATCHKEY_ENGINE,
    engineDir: options.LATCHKEY_ENGINE_DIR ?? defaultEngineDir(),
    engineThreads: options.LATCHKEY_ENGINE_THREADS,
    logLevel: options.LATCHKEY_LOG_LEVEL,
    outboxMaxEvents: options.LATCHKEY_OUTBOX_MAX_EVENTS,
    outboxKeepDays: options.LATCHKEY_OUTBOX_KEEP_DAYS,
    localPage:
      options.LATCHKEY_LOCAL_PAGE_PORT === undefined
        ? null
        : { host: options.LATCHKEY_LOCAL_PAGE_HOST, port: options.LATCHKEY_LOCAL_PAGE_PORT },
  };
}

/** The agent's folder alone, for those who ask a running agent. */
export function readAgentDir(environment: Environment = process.env): string {
  return readOptions(agentOptions.pick({ LATCHKEY_AGENT_DIR: true }), environment).LATCHKEY_AGENT_DIR;
}

function camerasOf(options: z.infer<typeof agentOptions>): readonly CameraConfig[] {
  const { LATCHKEY_CAMERA: one, LATCHKEY_CAMERAS: several } = options;
  const defaults = { fps: options.LATCHKEY_CAMERA_FPS ?? null, holdMs: options.LATCHKEY_CAMERA_HOLD_MS };
  if (one !== undefined && several !== undefined) {
    throw new LatchkeyError('config-invalid', 'Give LATCHKEY_CAMERA or LATCHKEY_CAMERAS, not both.');
  }
  if (several !== undefined) return parseCameras(several, defaults);
  if (one !== undefined) return [parseCamera(one, defaults)];
  throw new LatchkeyError('config-invalid', 'LATCHKEY_CAMERA says where frames come from; it is missing.');
}

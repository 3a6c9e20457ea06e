import { z } from 'zod';
import { defaultEngineDir, engine, engineDir, logLevel } from './common-options.ts';
import { type Environment, readOptions } from './read-options.ts';

/** Every option of the edge agent, by environment variable. */
export const agentOptions = z.object({
  LATCHKEY_AGENT_DIR: z
    .string()
    .default('.latchkey/agent')
    .describe('Folder of the agent: `agent.json`, `keys/`, its encrypted database.'),
  LATCHKEY_CAMERA: z.string().describe('Where frames come from: a folder of pictures.'),
  LATCHKEY_CAMERA_FPS: z.coerce.number().min(0.1).max(120).default(5).describe('Frames per second of a folder camera.'),
  LATCHKEY_CAMERA_HOLD_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(1500)
    .describe('How long a folder camera shows each picture, in milliseconds.'),
  LATCHKEY_MODEL_CACHE_DIR: z.string().default('.latchkey/models').describe('Folder of compiled models.'),
  LATCHKEY_ENGINE: engine.default('auto'),
  LATCHKEY_ENGINE_DIR: engineDir,
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
});

/** The agent's configuration, parsed. */
export interface AgentConfig {
  readonly agentDir: string;
  readonly camera: string;
  readonly cameraFps: number;
  readonly cameraHoldMs: number;
  readonly modelCacheDir: string;
  readonly engine: z.infer<typeof engine>;
  readonly engineDir: string;
  readonly logLevel: z.infer<typeof logLevel>;
  readonly outboxMaxEvents: number;
  readonly outboxKeepDays: number;
}

/**
 * The agent's configuration from an environment.
 * @throws LatchkeyError `config-invalid`.
 */
export function readAgentConfig(environment: Environment = process.env): AgentConfig {
  const options = readOptions(agentOptions, environment);
  return {
    agentDir: options.LATCHKEY_AGENT_DIR,
    camera: options.LATCHKEY_CAMERA,
    cameraFps: options.LATCHKEY_CAMERA_FPS,
    cameraHoldMs: options.LATCHKEY_CAMERA_HOLD_MS,
    modelCacheDir: options.LATCHKEY_MODEL_CACHE_DIR,
    engine: options.LATCHKEY_ENGINE,
    engineDir: options.LATCHKEY_ENGINE_DIR ?? defaultEngineDir(),
    logLevel: options.LATCHKEY_LOG_LEVEL,
    outboxMaxEvents: options.LATCHKEY_OUTBOX_MAX_EVENTS,
    outboxKeepDays: options.LATCHKEY_OUTBOX_KEEP_DAYS,
  };
}

import type { AgentConfig } from '@latchkey/config';
import { type Logger, pino } from 'pino';

/** JSON lines on standard error. Nothing that is logged may hold an encoding, a picture or a key. */
export function agentLogger(level: AgentConfig['logLevel'], deviceId: string): Logger {
  return pino(
    { level, base: { device: deviceId }, errorKey: 'error', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

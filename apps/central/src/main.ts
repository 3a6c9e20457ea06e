import 'reflect-metadata';
import { type CentralConfig, quietTensorflow, readCentralConfig } from '@latchkey/config';
import { isLatchkeyError } from '@latchkey/domain';
import pino, { type Logger } from 'pino';
import { Central } from './central.ts';
import { SupervisorLink } from './supervision/supervisor-link.ts';

/** A stop that takes longer is cut short: whatever hangs must not keep the machine from shutting down. */
const stopTimeoutMs = 8000;
/** A broker or database that does not answer for longer is told by `/api/health`; central is of use without it. */
const healthyTimeoutMs = 10_000;
/** Exit codes: another try does not change a wrong configuration, but it may change everything else. */
const exitCode = { stopped: 0, failed: 1, badConfiguration: 2 };

const destination = pino.destination({ dest: 2, sync: true });

function configuration(): CentralConfig {
  try {
    return readCentralConfig();
  } catch (error) {
    pino({}, destination).fatal({ err: error }, error instanceof Error ? error.message : 'bad configuration');
    return process.exit(exitCode.badConfiguration);
  }
}

async function run(config: CentralConfig, logger: Logger): Promise<void> {
  quietTensorflow();
  const supervisor = new SupervisorLink(process, logger);
  const central = new Central({ config, logger, onProgress: (line) => supervisor.progress(line) });
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'central stops');
    setTimeout(() => process.exit(exitCode.failed), stopTimeoutMs).unref();
    central.stop().then(
      () => process.exit(exitCode.stopped),
      (err: unknown) => end(logger, err, 'central did not stop cleanly'),
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  process.once('disconnect', () => stop('the supervisor is gone'));
  await central.start();
  const healthy = await central.healthy(healthyTimeoutMs);
  if (stopping) return;
  logger.info({ url: central.httpUrl, healthy }, 'central is ready');
  supervisor.serve(central, stop);
}

function end(logger: Logger, err: unknown, message: string): never {
  logger.fatal({ err }, message);
  return process.exit(isLatchkeyError(err, 'config-invalid') ? exitCode.badConfiguration : exitCode.failed);
}

const config = configuration();
const logger = pino({ level: config.logLevel, base: { pid: process.pid } }, destination);
// A fault that nobody caught has left the process in a state that nobody knows: end it, whoever supervises starts it anew.
process.on('uncaughtException', (err) => end(logger, err, 'an error was not caught'));
process.on('unhandledRejection', (err) => end(logger, err, 'a rejection was not handled'));
run(config, logger).catch((err: unknown) => end(logger, err, 'central could not start'));

import { quietTensorflow, readAgentConfig } from '@latchkey/config';
import { isLatchkeyError } from '@latchkey/domain';
import { finishWipe } from './commands/wipe.ts';
import { damagedExitCode, exitCodeOf } from './exit-code.ts';
import { readAgentIdentity } from './identity/read-agent-identity.ts';
import { agentLogger } from './runtime/agent-logger.ts';
import { type RunningAgent, startAgent } from './start-agent.ts';
import { SupervisorChannel } from './supervision/supervisor-channel.ts';

/** An end that hangs is cut off: supervisors wait five seconds. */
const stopWithinMs = 4_500;

async function main(): Promise<void> {
  quietTensorflow();
  const supervisor = new SupervisorChannel(process);
  const config = readAgentConfig();
  // An agent that was killed while it forgot everything has no identity to come back with.
  finishWipe(config.agentDir);
  const identity = readAgentIdentity(config.agentDir);
  const logger = agentLogger(config.logLevel, identity.deviceId);
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'a fault nobody expected; the agent ends');
    process.exit(4);
  });

  let stopping = false;
  let endCode = 0;
  let agent: RunningAgent | null = null;
  const stop = async (why: string, last: () => void = () => undefined): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    setTimeout(() => {
      logger.error('the end takes too long and is cut off');
      process.exit(4);
    }, stopWithinMs).unref();
    // Null while the networks are loading: nothing runs yet that could be stopped.
    await agent?.stop();
    last();
    process.exit(endCode);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  supervisor.onStop((why) => void stop(why));

  agent = await startAgent({
    config,
    identity,
    logger,
    onProgress: (line) => {
      logger.info({ line }, 'progress');
      supervisor.send({ type: 'progress', line });
    },
    onCommandedEnd: (end) => {
      if (end === 'wipe') void stop('wiped by central', () => finishWipe(config.agentDir));
      else void stop('restart asked for by central');
    },
    onDamaged: () => {
      endCode = damagedExitCode;
      void stop('the database is damaged');
    },
    onReady: (ready) => {
      logger.info(ready, 'ready');
      supervisor.send({ type: 'agent-ready', deviceId: identity.deviceId, ...ready });
    },
  });
}

main().catch((error: unknown) => {
  const [code, message] = isLatchkeyError(error) ? [error.code, error.message] : ['internal', String(error)];
  process.stderr.write(
    `${JSON.stringify({ level: 60, code, msg: message, stack: error instanceof Error ? error.stack : '' })}\n`,
  );
  process.exit(exitCodeOf(error));
});

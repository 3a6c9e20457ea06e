import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { agentModule } from './agent.module.ts';
import type { AgentOptions } from './agent-options.ts';
import { AgentRuntime } from './runtime/agent-runtime.ts';

/** An agent that runs. */
export interface RunningAgent {
  /** Ends everything in order, within seconds. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Makes an agent and starts it. Resolves when all of its parts run; the broker may be away.
 * @throws LatchkeyError `storage-failed`, `engine-unavailable`, `model-missing`, `model-corrupt`.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const context = await NestFactory.createApplicationContext(agentModule(options), {
    logger: false,
    abortOnError: false,
  });
  const runtime = context.get(AgentRuntime);
  await runtime.start();
  return {
    stop: async () => {
      await runtime.stop();
      await context.close();
    },
  };
}

import type { FaceAnalyzer } from '@latchkey/vision';
import type { AgentOptions } from './agent-options.ts';
import { startAnalyzer } from './recognition/start-analyzer.ts';

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
  const { analyzer: brought } = options.parts ?? {};
  // Its thread loads the networks on one core while this one reads the agent's other modules, which takes as long.
  const analyzer = brought ? Promise.resolve(brought) : startAnalyzer(options);
  try {
    return await startWith(options, analyzer);
  } catch (cause) {
    if (!brought) await analyzer.then((started) => started.dispose()).catch(() => undefined);
    throw cause;
  }
}

async function startWith(options: AgentOptions, analyzer: Promise<FaceAnalyzer>): Promise<RunningAgent> {
  // What it fails with is told to whoever waits for it, which nobody does yet.
  analyzer.catch(() => undefined);
  await import('reflect-metadata');
  const [{ NestFactory }, { agentModule }, { AgentRuntime }] = await Promise.all([
    import('@nestjs/core'),
    import('./agent.module.ts'),
    import('./runtime/agent-runtime.ts'),
  ]);
  const context = await NestFactory.createApplicationContext(agentModule(options, analyzer), {
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

import type { Logger } from 'pino';
import type { Feature } from './feature.ts';

/**
 * Starts the agent's features one after another and stops them in the opposite order, each within a time of its own so
 * that one that hangs does not keep the others from saying good-bye.
 */
export class AgentRuntime {
  private readonly features: readonly Feature[];
  private readonly logger: Logger;
  private readonly stopTimeoutMs: number;
  private started: Feature[] = [];

  constructor(features: readonly Feature[], logger: Logger, stopTimeoutMs = 1_500) {
    this.features = features;
    this.logger = logger;
    this.stopTimeoutMs = stopTimeoutMs;
  }

  /** @throws what a feature's `start` throws, after the ones before it were stopped. */
  async start(): Promise<void> {
    for (const feature of this.features) {
      if (this.started.includes(feature)) continue;
      this.started.push(feature);
      try {
        await feature.start();
      } catch (cause) {
        await this.stop();
        throw cause;
      }
    }
  }

  async stop(): Promise<void> {
    const features = this.started.reverse();
    this.started = [];
    for (const feature of features) await this.stopOne(feature);
  }

  private async stopOne(feature: Feature): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.stopTimeoutMs);
    });
    try {
      const stopped = (async () => feature.stop())();
      if ((await Promise.race([stopped, late])) === 'late') {
        this.logger.warn({ feature: feature.name }, 'feature does not stop in time; going on without it');
      }
    } catch (error) {
      this.logger.error({ feature: feature.name, error }, 'feature failed to stop');
    } finally {
      clearTimeout(timer);
    }
  }
}

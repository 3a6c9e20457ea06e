import type { Door } from '@latchkey/domain';
import type { Logger } from 'pino';

/** A door that is a line in the log: for machines without a lock. */
export class LoggingDoor implements Door {
  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  async open(holdMs: number): Promise<void> {
    this.logger.info({ holdMs }, 'door energised');
  }
}

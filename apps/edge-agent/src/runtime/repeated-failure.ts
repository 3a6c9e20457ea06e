import { isLatchkeyError } from '@latchkey/domain';
import type { Logger } from 'pino';

/** Logs a failure that may come at every try once: again only when it is of another kind, or came back. */
export class RepeatedFailure {
  private readonly logger: Logger;
  private readonly message: string;
  private kind: string | null = null;

  /** @param message what does not work, for the log. */
  constructor(logger: Logger, message: string) {
    this.logger = logger;
    this.message = message;
  }

  /** A try failed. */
  happened(error: unknown): void {
    const kind = isLatchkeyError(error) ? error.code : String(error);
    if (kind === this.kind) return;
    this.kind = kind;
    this.logger.error({ error }, this.message);
  }

  /** A try worked. */
  ended(): void {
    this.kind = null;
  }
}

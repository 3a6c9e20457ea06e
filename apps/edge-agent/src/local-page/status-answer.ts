import type { ServerResponse } from 'node:http';
import type { AgentStatus } from '@latchkey/contracts';
import type { Logger } from 'pino';
import { RepeatedFailure } from '../runtime/repeated-failure.ts';

/** Answers `GET /status`: with JSON, or with 503 while the disk cannot be read. Whoever asks never ends the agent. */
export class StatusAnswer {
  private readonly status: () => AgentStatus;
  private readonly failure: RepeatedFailure;

  constructor(status: () => AgentStatus, logger: Logger) {
    this.status = status;
    this.failure = new RepeatedFailure(logger, 'the status of the agent cannot be told');
  }

  to(response: ServerResponse): void {
    try {
      const text = JSON.stringify(this.status());
      this.failure.ended();
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      this.failure.happened(error);
      response.writeHead(503).end();
    }
  }
}

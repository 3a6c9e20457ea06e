import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { LOGGER } from '../runtime/runtime.module.ts';
import { problemOf } from './problem.ts';

/** Turns everything that is thrown while answering a request into RFC 9457 problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<Request>(), http.getResponse<Response>(), this.logger);
  }
}

/** Answers a request with the problem of an error; a response that has begun is cut off instead. */
export function sendProblem(error: unknown, request: Request, response: Response, logger: Logger): void {
  const { body, retryAfterS, unexpected } = problemOf(error);
  if (unexpected) logger.error({ err: error, method: request.method, url: request.originalUrl }, 'request failed');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (retryAfterS !== null) response.setHeader('Retry-After', String(retryAfterS));
  if (body.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="latchkey"');
  response
    .status(body.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...body, instance: request.originalUrl.split('?')[0] }));
}

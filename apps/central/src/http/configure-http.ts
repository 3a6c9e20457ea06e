import type { CentralConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { AuthService } from '../auth/auth.service.ts';
import { requireSession } from '../auth/session.middleware.ts';
import { serveDashboard } from './dashboard.ts';
import { serveDocs } from './openapi.ts';
import { sendProblem } from './problem.filter.ts';
import { requestLog } from './request-log.ts';
import { sameOriginWrites } from './same-origin.ts';
import { noStore, securityHeaders } from './security-headers.ts';

/** Closes the end of the line, after the routes: what nothing answered is not there, and no error is shown in Express's words. */
export function finishHttp(app: NestExpressApplication, logger: Logger): void {
  app.use((request: Request, response: Response) => {
    const error = new LatchkeyError('not-found', `There is nothing at ${request.path}.`);
    sendProblem(error, request, response, logger);
  });
  // Express knows error handlers by their four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendProblem(error, request, response, logger);
  });
}

/** Puts everything in front of the routes, in the order in which a request passes it. */
export function configureHttp(app: NestExpressApplication, config: CentralConfig, logger: Logger): void {
  app.setGlobalPrefix('api');
  app.disable('x-powered-by');
  app.use(requestLog(logger));
  app.use(securityHeaders);
  app.use('/api', noStore, sameOriginWrites, requireSession(app.get(AuthService)));
  if (config.dashboardDir !== null) serveDashboard(app, config.dashboardDir);
  serveDocs(app);
}

import type { CentralConfig } from '@latchkey/config';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { AuthService } from '../auth/auth.service.ts';
import { requireSession } from '../auth/session.middleware.ts';
import { serveDashboard } from './dashboard.ts';
import { serveDocs } from './openapi.ts';
import { requestLog } from './request-log.ts';
import { sameOriginWrites } from './same-origin.ts';
import { noStore, securityHeaders } from './security-headers.ts';

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

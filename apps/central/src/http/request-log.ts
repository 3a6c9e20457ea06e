import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { type HttpLogger, pinoHttp } from 'pino-http';

/**
 * Middleware: one line of log a request, without headers or bodies: they hold passwords, tokens and names. Health checks and
 * files of the dashboard are not worth a line.
 */
export function requestLog(logger: Logger): HttpLogger {
  return pinoHttp({
    logger: logger.child({ part: 'http' }),
    autoLogging: { ignore: (request) => !isWorthLogging(request.url ?? '') },
    customLogLevel: levelOf,
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({ id, method, path: pathOf(url) }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  });
}

function isWorthLogging(url: string): boolean {
  return /^\/api(\/|$)/i.test(url) && pathOf(url) !== '/api/health';
}

function levelOf(_request: IncomingMessage, response: ServerResponse, error?: Error): 'error' | 'warn' | 'info' {
  if (error || response.statusCode >= 500) return 'error';
  return response.statusCode >= 400 ? 'warn' : 'info';
}

/** Queries may hold names that people were searched by. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

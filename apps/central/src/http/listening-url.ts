import type { NestExpressApplication } from '@nestjs/platform-express';

/** Address under which a listening application is reached from this machine. */
export function listeningUrl(app: NestExpressApplication, host: string): string {
  const address: unknown = app.getHttpServer().address();
  const isBound = typeof address === 'object' && address !== null && 'port' in address;
  if (!isBound) throw new Error('The application does not listen.');
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${address.port}`;
}

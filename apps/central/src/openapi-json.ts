import { readCentralConfig } from '@latchkey/config';
import { NestFactory } from '@nestjs/core';
import pino from 'pino';
import { appModule } from './app.module.ts';
import { openApiDocument } from './http/openapi.ts';
import { systemClock } from './runtime/system-clock.ts';

/** The text of `docs/openapi.json`. Needs neither database nor broker: Nest looks at the routes and starts nothing. */
export async function openApiJson(): Promise<string> {
  const config = readCentralConfig({ LATCHKEY_DATABASE_URL: 'postgres://nowhere.invalid/none' });
  const runtime = { config, logger: pino({ level: 'silent' }), clock: systemClock, onProgress: () => undefined };
  const app = await NestFactory.create(appModule(runtime), { preview: true, logger: false });
  app.setGlobalPrefix('api');
  return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
}

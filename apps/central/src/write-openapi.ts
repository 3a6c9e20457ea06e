import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCentralConfig } from '@latchkey/config';
import { NestFactory } from '@nestjs/core';
import pino from 'pino';
import { appModule } from './app.module.ts';
import { openApiDocument } from './http/openapi.ts';
import { systemClock } from './runtime/system-clock.ts';

/** Writes the OpenAPI document to the file that is named, without database or broker: Nest only looks at the routes. */
const file = resolve(process.argv[2] ?? 'docs/openapi.json');
const config = readCentralConfig({ LATCHKEY_DATABASE_URL: 'postgres://nowhere.invalid/none' });
const runtime = { config, logger: pino({ level: 'silent' }), clock: systemClock, onProgress: () => undefined };
const app = await NestFactory.create(appModule(runtime), { preview: true, logger: false });
app.setGlobalPrefix('api');
await writeFile(file, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
process.stdout.write(`${file}\n`);

import 'reflect-metadata';
import { readCentralConfig } from '@latchkey/config';
import pino from 'pino';
import { Central } from './central.ts';

const config = readCentralConfig();
const logger = pino({ level: config.logLevel }, pino.destination(2));
const central = new Central({ config, logger });
await central.start();
logger.info({ url: await central.app.getUrl() }, 'central listens');

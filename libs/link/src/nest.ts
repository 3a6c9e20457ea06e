export { LatchkeyMqttStrategy, type LatchkeyMqttStrategyOptions } from './nest/latchkey-mqtt-strategy.ts';
export { LinkContext, type ReceivedTopic } from './nest/link-context.ts';
export { LinkExceptionFilter } from './nest/link-exception.filter.ts';

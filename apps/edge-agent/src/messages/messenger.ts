import type { MqttSession } from '@latchkey/link';

/** The device's line to central, as features use it: publishes, subscriptions, and word of every connect. */
export type Messenger = Pick<MqttSession, 'connected' | 'publish' | 'subscribe' | 'onConnected'>;

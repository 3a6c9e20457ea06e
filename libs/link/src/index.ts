export { readOrCreateKey } from './database/encryption-key.ts';
export { LocalDatabase, type LocalDatabaseOptions, type SqlRow } from './database/local-database.ts';
export type { SqlArgument } from './database/sql-argument.ts';
export { integerOf, storedText, textOf } from './database/stored-text.ts';
export { DamagedOutbox } from './outbox/damaged-outbox.ts';
export { EventUplink, type EventUplinkOptions } from './outbox/event-uplink.ts';
export { Outbox } from './outbox/outbox.ts';
export type { OutboxEntry } from './outbox/outbox-row.ts';
export type {
  AckOutcome,
  ClockState,
  NewEvent,
  OutboxOptions,
  OutboxStats,
  PendingListener,
} from './outbox/outbox-types.ts';
export type { SalvageReport } from './outbox/salvage-types.ts';
export type { ReceivedMessage } from './session/mqtt-connection.ts';
export { MqttSession, type MqttSessionOptions, type MqttWill } from './session/mqtt-session.ts';
export type { MessageHandler, Subscription } from './session/mqtt-subscription.ts';
export { type ExpectedSignature, openSigned } from './signing/open-signed.ts';
export { type MessageToSign, SigningKeys } from './signing/signing-keys.ts';

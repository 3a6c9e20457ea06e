export { EmbeddedBroker, type EmbeddedBrokerOptions } from './broker/embedded-broker.ts';
export { freePort } from './free-port.ts';
export {
  EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type RunningPostgres,
} from './postgres/embedded-postgres.ts';
export { isProcessAlive, processStartTime, waitForExit } from './process-state.ts';

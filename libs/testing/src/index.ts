export { eventually } from './eventually.ts';
export { type Gate, gate } from './gate.ts';
export { ManualClock } from './manual-clock.ts';
export { findMosquitto, MosquittoProcess, type MosquittoProcessOptions } from './mosquitto-process.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
export { EmbeddedTestBroker, MosquittoTestBroker, type TestBroker } from './test-brokers.ts';

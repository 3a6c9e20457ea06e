export { ManualClock } from './manual-clock.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

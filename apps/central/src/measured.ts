// Parts of ingest for benches, which measure them by themselves: `@latchkey/central/measured`.
export { dataSourceOptions } from './database/data-source.ts';
export { Database } from './database/database.ts';
export { BatchQueue } from './ingest/batch-queue.ts';
export { BatchWriter } from './ingest/batch-writer.ts';
export { type IncomingEvent, readIncoming } from './ingest/incoming-event.ts';
export { IngestRepository } from './ingest/ingest.repository.ts';

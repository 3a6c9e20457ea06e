import type { MigrationInterface } from 'typeorm';
import { People1764000000001 } from './1764000000001-people.ts';
import { Log1764000000002 } from './1764000000002-log.ts';
import { Ingest1764000000003 } from './1764000000003-ingest.ts';
import { Access1764000000004 } from './1764000000004-access.ts';
import { Commands1764000000005 } from './1764000000005-commands.ts';
import { EnrolledEvents1764000000010 } from './1764000000010-enrolled-events.ts';
import { IngestAndErasure1764000000011 } from './1764000000011-ingest-and-erasure.ts';

/** Every migration, oldest first. A migration that was released never changes; what it lacks comes in a new one. */
export const migrations: readonly (new () => MigrationInterface)[] = [
  People1764000000001,
  Log1764000000002,
  Ingest1764000000003,
  Access1764000000004,
  Commands1764000000005,
  EnrolledEvents1764000000010,
  IngestAndErasure1764000000011,
];

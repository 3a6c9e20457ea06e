import { LatchkeyError } from '@latchkey/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches of events and erasures of the people whom they name wait for each other (PROTOCOL.md §3). */
export class IngestAndErasure1764000000011 implements MigrationInterface {
  readonly name = 'IngestAndErasure1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await changeIngestEvents(runner, writing, `${lockPersons}${writing}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeIngestEvents(runner, `${lockPersons}${writing}`, writing);
  }
}

/** How the statement of `ingest_events` begins that looks who is still enrolled, and writes. */
const writing = `
  WITH entries AS MATERIALIZED (`;

/**
 * The statement after this one sees what was committed when the locks were had. So an erasure is either seen by it, or finds
 * what it wrote: it takes the person's row FOR UPDATE first of all. Locks of people are shared among batches and do not touch
 * enrolment, and whoever holds a person waits for no stream, so nobody waits in a circle.
 */
const lockPersons = `
  PERFORM 1 FROM person WHERE id = ANY (p_person) ORDER BY id FOR KEY SHARE;
`;

/** Puts `after` in the place of `before` in the function, whatever else of it has changed since it was made. */
async function changeIngestEvents(runner: QueryRunner, before: string, after: string): Promise<void> {
  const [{ definition }] = (await runner.query(
    `SELECT pg_get_functiondef('ingest_events'::regproc) AS definition`,
  )) as [{ definition: string }];
  if (definition.split(before).length !== 2) {
    throw new LatchkeyError('internal', 'The function ingest_events is not one that this migration knows.');
  }
  await runner.query(definition.replace(before, () => after));
}

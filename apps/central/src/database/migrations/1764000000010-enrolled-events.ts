import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From which events of the log a person was ever enrolled. */
export class EnrolledEvents1764000000010 implements MigrationInterface {
  readonly name = 'EnrolledEvents1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    // Outlives photo and encoding: the face is still in the log when they were deleted, and an erasure must find it there.
    await runner.query(`CREATE TABLE enrolled_event (
      person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
      event_id uuid NOT NULL,
      PRIMARY KEY (person_id, event_id)
    )`);
    await runner.query(`INSERT INTO enrolled_event (person_id, event_id)
      SELECT person_id, event_id FROM encoding WHERE event_id IS NOT NULL
      UNION SELECT person_id, event_id FROM photo WHERE event_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE enrolled_event');
  }
}

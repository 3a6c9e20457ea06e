import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When people may enter: schedules, and what binds a person. */
export class Access1764000000004 implements MigrationInterface {
  readonly name = 'Access1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE schedule (
      id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,64}$'),
      name text NOT NULL,
      weekly jsonb NOT NULL,
      exceptions jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    )`);
    // The hash of a row that nothing binds is the one that it has: no gallery changes by this.
    await runner.query(`ALTER TABLE person
      ADD COLUMN valid_from timestamptz,
      ADD COLUMN valid_until timestamptz,
      ADD COLUMN schedule_id text REFERENCES schedule,
      ADD COLUMN duress boolean NOT NULL DEFAULT false,
      ADD COLUMN escorted boolean NOT NULL DEFAULT false`);
    await runner.query('CREATE INDEX person_schedule ON person (schedule_id) WHERE schedule_id IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE person DROP COLUMN valid_from, DROP COLUMN valid_until, DROP COLUMN schedule_id,
      DROP COLUMN duress, DROP COLUMN escorted`);
    await runner.query('DROP TABLE schedule');
  }
}

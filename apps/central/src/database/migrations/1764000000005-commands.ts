import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What central has told devices to do. */
export class Commands1764000000005 implements MigrationInterface {
  readonly name = 'Commands1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE command (
      id uuid PRIMARY KEY,
      device_id text NOT NULL REFERENCES device ON DELETE CASCADE,
      call jsonb NOT NULL,
      state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'done', 'failed', 'refused')),
      nonce text,
      account_id uuid REFERENCES account ON DELETE SET NULL,
      message text,
      identified jsonb,
      picture bytea,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      asked_at timestamptz,
      sent_at timestamptz,
      ended_at timestamptz
    )`);
    await runner.query('CREATE INDEX command_of_device ON command (device_id, created_at DESC)');
    await runner.query('CREATE INDEX command_picture ON command (ended_at) WHERE picture IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE command');
  }
}

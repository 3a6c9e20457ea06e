import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, people with photos and encodings, gallery groups with their change log, holdings, erasures, audit. */
export class People1764000000001 implements MigrationInterface {
  readonly name = 'People1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE IF EXISTS audit_log, login_attempt, session, account, erasure_ledger, holding,
      gallery_change, person_group, encoding, photo, person, gallery_group, central_meta CASCADE`);
  }
}

const statements = [
  // One row. `database_epoch` grows when the database was restored from a backup (PROTOCOL.md §2).
  `CREATE TABLE central_meta (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    database_epoch integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `INSERT INTO central_meta DEFAULT VALUES`,

  `CREATE TABLE account (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'enroller', 'operator', 'viewer')),
    password_generated boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE session (
    token_hash text PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    address text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX session_account ON session (account_id)`,
  `CREATE INDEX session_expiry ON session (expires_at)`,
  `CREATE TABLE login_attempt (
    key text PRIMARY KEY,
    failures integer NOT NULL,
    window_ends_at timestamptz NOT NULL
  )`,
  // No foreign key to account: the log outlives what it tells about.
  `CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    account_id uuid,
    actor text,
    address text,
    action text NOT NULL,
    subject text,
    outcome text,
    details jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE INDEX audit_log_at ON audit_log (at)`,
  `CREATE INDEX audit_log_subject ON audit_log (subject)`,

  `CREATE TABLE gallery_group (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,64}$'),
    site_id text NOT NULL CHECK (site_id ~ '^[a-z0-9-]{1,64}$'),
    name text NOT NULL,
    epoch integer NOT NULL DEFAULT 1,
    revision integer NOT NULL DEFAULT 0,
    log_hash text NOT NULL,
    content_hash text NOT NULL,
    model_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE person (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    always boolean NOT NULL DEFAULT false,
    row_hash text NOT NULL,
    sort_name text NOT NULL GENERATED ALWAYS AS (lower(left(name, 60))) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX person_by_name ON person (sort_name, id)`,
  `CREATE TABLE person_group (
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    group_id text NOT NULL REFERENCES gallery_group,
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, group_id)
  )`,
  `CREATE INDEX person_group_group ON person_group (group_id)`,
  // Pictures are in the database, so that every central instance has them and erasing is one transaction.
  `CREATE TABLE photo (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    file_name text NOT NULL,
    jpeg bytea NOT NULL,
    quality real,
    event_id uuid,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `ALTER TABLE photo ALTER COLUMN jpeg SET STORAGE EXTERNAL`,
  `CREATE INDEX photo_person ON photo (person_id, created_at)`,
  `CREATE TABLE encoding (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    photo_id uuid REFERENCES photo ON DELETE CASCADE,
    event_id uuid,
    model_id text NOT NULL,
    vector bytea NOT NULL,
    row_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX encoding_person ON encoding (person_id)`,
  `CREATE INDEX encoding_photo ON encoding (photo_id)`,

  // `carried_person_ids`: whose names or encodings the payload holds. `payload` is null once scrubbed by an erasure; the
  // hashes stay. `published_at` null: still to be published.
  `CREATE TABLE gallery_change (
    group_id text NOT NULL REFERENCES gallery_group ON DELETE CASCADE,
    epoch integer NOT NULL,
    revision integer NOT NULL,
    prev_hash text NOT NULL,
    log_hash text NOT NULL,
    content_hash text NOT NULL,
    carried_person_ids uuid[] NOT NULL,
    operation_count integer NOT NULL,
    payload_bytes integer NOT NULL,
    payload jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    PRIMARY KEY (group_id, epoch, revision)
  )`,
  `CREATE INDEX gallery_change_person ON gallery_change USING gin (carried_person_ids)`,
  `CREATE INDEX gallery_change_unpublished ON gallery_change (group_id, epoch, revision) WHERE published_at IS NULL`,
  // No foreign keys: a holding outlives the person's row and the device's, until the removal is confirmed.
  `CREATE TABLE holding (
    device_id text NOT NULL,
    person_id uuid NOT NULL,
    group_id text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    removed_epoch integer,
    removed_revision integer,
    ended_at timestamptz,
    PRIMARY KEY (device_id, person_id, group_id)
  )`,
  `CREATE INDEX holding_person ON holding (person_id) WHERE ended_at IS NULL`,
  `CREATE INDEX holding_group ON holding (group_id, person_id)`,
  `CREATE TABLE erasure_ledger (
    person_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by uuid,
    completed_at timestamptz
  )`,
];

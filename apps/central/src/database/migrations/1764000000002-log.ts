import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Devices, their groups and reports; the event log with its partitions, streams and dead letters. */
export class Log1764000000002 implements MigrationInterface {
  readonly name = 'Log1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION IF EXISTS ensure_event_partitions(integer), drop_event_partitions(integer)');
    await runner.query(`DROP TABLE IF EXISTS dead_letter, device_stream_above, device_stream, event_thumbnail, event,
      gallery_report, device_group, device CASCADE`);
    await runner.query('DROP SEQUENCE IF EXISTS event_position');
  }
}

const statements = [
  // `password_hash`: SHA-256 of 32 random bytes, which no dictionary can guess, so a slow hash would only slow reconnects.
  `CREATE TABLE device (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,64}$'),
    site_id text NOT NULL CHECK (site_id ~ '^[a-z0-9-]{1,64}$'),
    name text NOT NULL,
    password_hash text NOT NULL,
    door jsonb NOT NULL,
    config_revision bigint NOT NULL DEFAULT 1,
    config_reported jsonb,
    online boolean NOT NULL DEFAULT false,
    session_id uuid,
    session_since timestamptz,
    last_seen_at timestamptz,
    agent_version text,
    model_id text,
    engine text,
    telemetry jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE device_group (
    device_id text NOT NULL REFERENCES device ON DELETE CASCADE,
    group_id text NOT NULL REFERENCES gallery_group ON DELETE CASCADE,
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, group_id)
  )`,
  `CREATE INDEX device_group_group ON device_group (group_id)`,
  `CREATE TABLE gallery_report (
    device_id text NOT NULL REFERENCES device ON DELETE CASCADE,
    group_id text NOT NULL,
    epoch integer NOT NULL,
    revision integer NOT NULL,
    content_hash text NOT NULL,
    persons integer NOT NULL,
    encodings integer NOT NULL,
    state text NOT NULL CHECK (state IN ('current', 'behind', 'failed')),
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, group_id)
  )`,

  // `position` orders the log as it was received; `xid` tells a live reader which transactions are finished, because the
  // order of a sequence is not the order of commits (PROTOCOL.md §2). Partitioned by central's clock, never by a device's.
  `CREATE SEQUENCE event_position AS bigint`,
  `CREATE TABLE event (
    position bigint NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    received_at timestamptz(3) NOT NULL,
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    site_id text NOT NULL,
    device_id text NOT NULL,
    occurred_at timestamptz(3) NOT NULL,
    clock_offset_ms bigint,
    clock_trusted boolean NOT NULL,
    person_id uuid,
    decision text,
    body_hash bytea NOT NULL,
    body jsonb NOT NULL,
    has_thumbnail boolean NOT NULL,
    PRIMARY KEY (position, received_at)
  ) PARTITION BY RANGE (received_at)`,
  `CREATE INDEX event_live ON event (xid, position)`,
  `CREATE INDEX event_id ON event (id)`,
  `CREATE INDEX event_stream ON event (stream_id, seq)`,
  `CREATE INDEX event_device ON event (device_id, position)`,
  `CREATE INDEX event_person ON event (person_id, position) WHERE person_id IS NOT NULL`,
  `CREATE INDEX event_kind ON event (kind, position)`,
  `CREATE INDEX event_decision ON event (decision, position) WHERE decision IS NOT NULL`,
  // Devices' clocks run with central's but for faults, so blocks of rows cover narrow spans of time and BRIN suffices.
  `CREATE INDEX event_occurred ON event USING brin (occurred_at) WITH (autosummarize = on)`,

  // Apart from the rows, so that reading the log never reads pictures, and a picture can go while its row stays.
  `CREATE TABLE event_thumbnail (
    position bigint NOT NULL,
    received_at timestamptz(3) NOT NULL,
    event_id uuid NOT NULL,
    jpeg bytea NOT NULL,
    PRIMARY KEY (position, received_at)
  ) PARTITION BY RANGE (received_at)`,
  `ALTER TABLE event_thumbnail ALTER COLUMN jpeg SET STORAGE EXTERNAL`,

  // Outlive the partitions and the device's row: a stream never begins again. `high_water`: everything up to it is settled.
  `CREATE TABLE device_stream (
    stream_id uuid PRIMARY KEY,
    site_id text NOT NULL,
    device_id text NOT NULL,
    high_water bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 70)`,
  `CREATE INDEX device_stream_device ON device_stream (device_id)`,
  // What is settled above the high-water mark: one number with the hash of its body, or numbers that the outbox dropped.
  `CREATE TABLE device_stream_above (
    stream_id uuid NOT NULL REFERENCES device_stream ON DELETE CASCADE,
    seq bigint NOT NULL,
    through bigint NOT NULL CHECK (through >= seq),
    body_hash bytea,
    PRIMARY KEY (stream_id, seq)
  )`,

  // `settled`: this row is what became of its sequence number; false: a copy that contradicts what is settled.
  `CREATE TABLE dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz(3) NOT NULL DEFAULT now(),
    topic text NOT NULL,
    site_id text,
    device_id text,
    stream_id uuid,
    seq bigint,
    event_id uuid,
    kind text,
    body_hash bytea,
    code text NOT NULL,
    message text NOT NULL,
    payload bytea,
    settled boolean NOT NULL DEFAULT false,
    reprocessed_at timestamptz
  )`,
  `CREATE UNIQUE INDEX dead_letter_once ON dead_letter (stream_id, seq, device_id, body_hash, code) WHERE stream_id IS NOT NULL`,
  `CREATE INDEX dead_letter_unreadable ON dead_letter (coalesce(device_id, '')) WHERE stream_id IS NULL`,
  `CREATE INDEX dead_letter_received ON dead_letter (received_at)`,

  // Months from the current one on; returns the names of the partitions that it made.
  `CREATE FUNCTION ensure_event_partitions(months_ahead integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
  DECLARE
    parent text;
    first_day timestamp;
    child text;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('latchkey event partitions'));
    FOR i IN 0..months_ahead LOOP
      first_day := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i);
      FOREACH parent IN ARRAY ARRAY['event', 'event_thumbnail'] LOOP
        child := parent || to_char(first_day, '"_y"YYYY"m"MM');
        IF to_regclass(child) IS NULL THEN
          EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
            first_day AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
          RETURN NEXT child;
        END IF;
      END LOOP;
    END LOOP;
  END $$`,
  // Drops each month whose last moment is older than that many days; returns the names of the partitions that it dropped.
  `CREATE FUNCTION drop_event_partitions(retention_days integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
  DECLARE
    child text;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('latchkey event partitions'));
    FOR child IN
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent IN ('event'::regclass, 'event_thumbnail'::regclass) AND c.relname ~ '_y[0-9]{4}m[0-9]{2}$'
      ORDER BY c.relname
    LOOP
      IF (to_timestamp(right(child, 7), 'YYYY"m"MM')::timestamp + interval '1 month') AT TIME ZONE 'UTC'
          <= now() - make_interval(days => retention_days) THEN
        EXECUTE format('DROP TABLE %I', child);
        RETURN NEXT child;
      END IF;
    END LOOP;
  END $$`,
  `SELECT ensure_event_partitions(3)`,
];

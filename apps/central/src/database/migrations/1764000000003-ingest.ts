import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The function that writes one batch of events exactly once (PROTOCOL.md §2). */
export class Ingest1764000000003 implements MigrationInterface {
  readonly name = 'Ingest1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ingestEvents);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION IF EXISTS ingest_events');
  }
}

/**
 * Takes parallel arrays, one element an event; `p_code` not null: the event is to be rejected, and why. `p_gap_*`: ranges of
 * sequence numbers that the `dropped` event of row `p_gap_row` (from 1) declares as given up.
 *
 * Returns the rows (from 0) that did not simply become a new row of the log:
 * `duplicate`: settled before, same body; `rejected` with a code: in the dead-letter table, now or before;
 * `unknown-device`: not settled, because no such device exists.
 *
 * It runs in the one transaction of its statement and locks the streams in the order of their ids, so that two batches
 * never wait for each other in a circle.
 */
const ingestEvents = `
CREATE FUNCTION ingest_events(
  p_site text[], p_device text[], p_stream uuid[], p_seq bigint[], p_id uuid[], p_kind text[], p_occurred timestamptz[],
  p_offset bigint[], p_trusted boolean[], p_hash bytea[], p_person uuid[], p_decision text[], p_body jsonb[],
  p_thumbnail bytea[], p_code text[], p_message text[], p_raw bytea[],
  p_gap_row integer[], p_gap_stream uuid[], p_gap_from bigint[], p_gap_to bigint[]
) RETURNS TABLE (row_index integer, outcome text, code text)
LANGUAGE plpgsql SET work_mem TO '64MB' AS $$
#variable_conflict use_column
DECLARE
  v_streams uuid[] := ARRAY(SELECT DISTINCT s FROM unnest(p_stream || p_gap_stream) AS s ORDER BY s);
  v_logged bigint[];
  v_other bigint[];
  v_outcomes text[];
  v_codes text[];
BEGIN
  -- Streams that are new, in key order; only a known device can begin one.
  IF EXISTS (
    SELECT FROM unnest(v_streams) AS u (id) WHERE NOT EXISTS (SELECT FROM device_stream s WHERE s.stream_id = u.id)
  ) THEN
    INSERT INTO device_stream (stream_id, site_id, device_id)
    SELECT DISTINCT ON (c.stream_id) c.stream_id, c.site_id, c.device_id
    FROM (
      SELECT t.* FROM unnest(p_stream, p_site, p_device) WITH ORDINALITY AS t (stream_id, site_id, device_id, n)
      UNION ALL
      SELECT g.stream_id, p_site[g.n], p_device[g.n], 1000000 + g.n
      FROM unnest(p_gap_stream, p_gap_row) AS g (stream_id, n)
    ) c
    JOIN device d ON d.id = c.device_id AND d.site_id = c.site_id
    WHERE NOT EXISTS (SELECT FROM device_stream s WHERE s.stream_id = c.stream_id)
    ORDER BY c.stream_id, c.n
    ON CONFLICT DO NOTHING;
  END IF;

  PERFORM 1 FROM device_stream s WHERE s.stream_id = ANY (v_streams) ORDER BY s.stream_id FOR UPDATE;

  -- The usual batch: every stream goes on where it stopped, nothing twice, nothing missing, nothing to reject.
  IF cardinality(p_gap_row) = 0 AND array_length(array_remove(p_code, NULL), 1) IS NULL AND (
    SELECT bool_and(coalesce(b.simple, false)) FROM (
      SELECT bool_and(t.device_id = s.device_id AND t.site_id = s.site_id) AND min(t.seq) = min(s.high_water) + 1
        AND max(t.seq) - min(t.seq) + 1 = count(*) AND count(DISTINCT t.seq) = count(*)
        AND EXISTS (SELECT FROM device d WHERE d.id = min(s.device_id) AND d.site_id = min(s.site_id))
        AND NOT EXISTS (SELECT FROM device_stream_above a WHERE a.stream_id = t.stream_id) AS simple
      FROM unnest(p_site, p_device, p_stream, p_seq) AS t (site_id, device_id, stream_id, seq)
      LEFT JOIN device_stream s ON s.stream_id = t.stream_id
      GROUP BY t.stream_id
    ) b
  ) THEN
    UPDATE device_stream s SET high_water = m.seq
    FROM (SELECT t.stream_id, max(t.seq) AS seq FROM unnest(p_stream, p_seq) AS t (stream_id, seq) GROUP BY t.stream_id) m
    WHERE s.stream_id = m.stream_id;
  ELSE
    WITH input AS MATERIALIZED (
      SELECT t.*, s.high_water, CASE WHEN a.seq = t.seq THEN a.body_hash END AS above_hash,
        CASE
          WHEN d.id IS NULL THEN 'unknown-device'
          WHEN s.device_id <> t.device_id THEN 'foreign'
          WHEN t.seq <= s.high_water OR a.through >= t.seq THEN 'known'
          ELSE 'fresh'
        END AS verdict
      FROM unnest(p_site, p_device, p_stream, p_seq, p_hash, p_code) WITH ORDINALITY
        AS t (site_id, device_id, stream_id, seq, body_hash, code, n)
      LEFT JOIN device d ON d.id = t.device_id AND d.site_id = t.site_id
      LEFT JOIN device_stream s ON s.stream_id = t.stream_id
      -- The row with the exact number, else a dropped range that begins below it.
      LEFT JOIN LATERAL (
        SELECT a.seq, a.through, a.body_hash FROM device_stream_above a
        WHERE a.stream_id = t.stream_id AND a.seq <= t.seq AND t.seq > s.high_water
        ORDER BY a.seq DESC LIMIT 1
      ) a ON true
    ),
    -- The first copy of a number in this batch settles it.
    fresh AS (
      SELECT i.*, first_value(i.n) OVER copies AS first_n, first_value(i.body_hash) OVER copies AS settled_hash,
        first_value(i.code) OVER copies AS settled_code
      FROM input i WHERE i.verdict = 'fresh'
      WINDOW copies AS (PARTITION BY i.stream_id, i.seq ORDER BY i.n)
    ),
    known AS (
      SELECT i.*, coalesce(i.above_hash, e.body_hash, x.body_hash) AS settled_hash, x.code AS settled_code
      FROM input i
      LEFT JOIN LATERAL (
        SELECT e.body_hash FROM event e WHERE e.stream_id = i.stream_id AND e.seq = i.seq ORDER BY e.position LIMIT 1
      ) e ON true
      LEFT JOIN LATERAL (
        SELECT x.body_hash, x.code FROM dead_letter x
        WHERE x.stream_id = i.stream_id AND x.seq = i.seq AND x.settled LIMIT 1
      ) x ON true
      WHERE i.verdict = 'known'
    ),
    judged AS MATERIALIZED (
      SELECT f.n, f.stream_id, f.seq, f.high_water, f.n = f.first_n AS settles,
        CASE
          WHEN f.n = f.first_n AND f.code IS NULL THEN 'logged'
          WHEN f.body_hash = f.settled_hash AND f.settled_code IS NULL THEN 'duplicate'
          ELSE 'rejected'
        END AS outcome,
        CASE WHEN f.body_hash = f.settled_hash THEN f.settled_code ELSE 'sequence-reused' END AS code
      FROM fresh f
      UNION ALL
      SELECT k.n, k.stream_id, k.seq, k.high_water, false,
        CASE WHEN k.body_hash <> k.settled_hash OR k.settled_code IS NOT NULL THEN 'rejected' ELSE 'duplicate' END,
        CASE WHEN k.body_hash <> k.settled_hash THEN 'sequence-reused' ELSE k.settled_code END
      FROM known k
      UNION ALL
      SELECT i.n, i.stream_id, i.seq, i.high_water, false,
        CASE i.verdict WHEN 'foreign' THEN 'rejected' ELSE 'unknown-device' END,
        CASE i.verdict WHEN 'foreign' THEN 'foreign-stream' ELSE 'unknown-device' END
      FROM input i WHERE i.verdict IN ('foreign', 'unknown-device')
    ),
    -- What is settled now: numbers of this batch and, of their own device's streams, those that were given up.
    added AS MATERIALIZED (
      SELECT j.stream_id, j.seq, j.seq AS through, j.high_water, p_hash[j.n] AS body_hash FROM judged j WHERE j.settles
      UNION ALL
      SELECT s.stream_id, g.seq, g.through, s.high_water, NULL
      FROM unnest(p_gap_row, p_gap_stream, p_gap_from, p_gap_to) AS g (n, stream_id, seq, through)
      JOIN judged j ON j.n = g.n AND j.outcome = 'logged'
      JOIN device_stream s ON s.stream_id = g.stream_id AND s.device_id = p_device[g.n]
      WHERE g.through > s.high_water
    ),
    -- Older numbers above the mark matter only where the mark moves now.
    points AS (
      SELECT a.stream_id, a.seq, a.through, a.high_water FROM added a
      UNION ALL
      SELECT o.stream_id, o.seq, o.through, m.high_water
      FROM (SELECT DISTINCT a.stream_id, a.high_water FROM added a WHERE a.seq <= a.high_water + 1) m
      JOIN device_stream_above o ON o.stream_id = m.stream_id
    ),
    reached AS (
      SELECT p.*, p.seq > greatest(p.high_water, max(p.through) OVER (
        PARTITION BY p.stream_id ORDER BY p.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) + 1 AS after_gap
      FROM points p
    ),
    contiguous AS (
      SELECT r.*, bool_or(r.after_gap) OVER (PARTITION BY r.stream_id ORDER BY r.seq) AS beyond FROM reached r
    ),
    marks AS MATERIALIZED (
      SELECT c.stream_id, greatest(min(c.high_water), max(c.through) FILTER (WHERE NOT c.beyond)) AS high_water
      FROM contiguous c GROUP BY c.stream_id
    ),
    moved AS (
      UPDATE device_stream s SET high_water = m.high_water FROM marks m
      WHERE s.stream_id = m.stream_id AND m.high_water > s.high_water RETURNING s.stream_id, s.high_water
    ),
    absorbed AS (
      DELETE FROM device_stream_above o USING moved m WHERE o.stream_id = m.stream_id AND o.through <= m.high_water
    ),
    kept AS (
      INSERT INTO device_stream_above AS o (stream_id, seq, through, body_hash)
      SELECT a.stream_id, a.seq, max(a.through), (array_agg(a.body_hash) FILTER (WHERE a.body_hash IS NOT NULL))[1]
      FROM added a JOIN marks m USING (stream_id) WHERE a.through > m.high_water
      GROUP BY a.stream_id, a.seq
      ON CONFLICT (stream_id, seq) DO UPDATE
        SET through = greatest(o.through, excluded.through), body_hash = coalesce(o.body_hash, excluded.body_hash)
    ),
    dead AS (
      INSERT INTO dead_letter (topic, site_id, device_id, stream_id, seq, event_id, kind, body_hash, code, message, payload, settled)
      SELECT format('latchkey/v1/%s/%s/event/%s', t.site_id, t.device_id, t.kind), t.site_id, t.device_id, t.stream_id, t.seq,
        t.id, t.kind, t.body_hash, j.code,
        CASE j.code
          WHEN 'sequence-reused' THEN 'Another event of this stream has this number already.'
          WHEN 'foreign-stream' THEN 'The stream belongs to another device.'
          WHEN 'unknown-device' THEN 'No such device at this site.'
          ELSE coalesce(t.message, j.code)
        END,
        coalesce(t.raw, convert_to(t.body::text, 'UTF8')), j.settles
      FROM judged j
      JOIN unnest(p_site, p_device, p_stream, p_seq, p_id, p_kind, p_hash, p_message, p_raw, p_body) WITH ORDINALITY
        AS t (site_id, device_id, stream_id, seq, id, kind, body_hash, message, raw, body, n) ON t.n = j.n
      WHERE j.settles AND j.outcome = 'rejected' OR j.code IN ('sequence-reused', 'foreign-stream', 'unknown-device')
      ORDER BY j.n
      ON CONFLICT DO NOTHING
      RETURNING topic, site_id, device_id, stream_id, seq, code
    ),
    -- What looks like forgery is shown in the log: an event of central's own, which is a stream for itself.
    told AS (
      INSERT INTO event (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_trusted,
        body_hash, body, has_thumbnail)
      SELECT nextval('event_position'), now(), gen_random_uuid(), gen_random_uuid(), 1, 'tamper', f.site_id, f.device_id,
        now(), true, sha256(convert_to(f.text, 'UTF8')), f.text::jsonb, false
      FROM (
        SELECT d.site_id, d.device_id, format('{"message":%s,"topic":%s,"what":%s}',
          to_json(format('Central refused number %s of stream %s: %s.', d.seq, d.stream_id, d.code)), to_json(d.topic),
          to_json(CASE d.code WHEN 'foreign-stream' THEN 'sequence-reused' ELSE d.code END)) AS text
        FROM dead d WHERE d.code IN ('sequence-reused', 'foreign-stream', 'body-hash-mismatch')
      ) f
    )
    SELECT array_agg(j.n) FILTER (WHERE j.outcome = 'logged'), array_agg(j.n ORDER BY j.n) FILTER (WHERE j.outcome <> 'logged'),
      array_agg(j.outcome ORDER BY j.n) FILTER (WHERE j.outcome <> 'logged'),
      array_agg(j.code ORDER BY j.n) FILTER (WHERE j.outcome <> 'logged')
    INTO v_logged, v_other, v_outcomes, v_codes FROM judged j;
    v_logged := coalesce(v_logged, '{}');
  END IF;

  WITH entries AS MATERIALIZED (
    SELECT nextval('event_position') AS position, o.* FROM (
      SELECT t.*,
        -- A picture of somebody who is no longer enrolled was taken before the erasure and must not come back.
        CASE WHEN t.person_id IS NULL OR person.id IS NOT NULL THEN t.thumbnail END AS kept_thumbnail
      FROM unnest(p_id, p_stream, p_seq, p_kind, p_site, p_device, p_occurred, p_offset, p_trusted, p_person, p_decision,
        p_hash, p_body, p_thumbnail) WITH ORDINALITY
        AS t (id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_offset_ms, clock_trusted, person_id, decision,
          body_hash, body, thumbnail, n)
      LEFT JOIN person ON person.id = t.person_id
      WHERE v_logged IS NULL OR t.n = ANY (v_logged)
      ORDER BY t.stream_id, t.seq
    ) o
  ),
  pictures AS (
    INSERT INTO event_thumbnail (position, received_at, event_id, jpeg)
    SELECT r.position, now(), r.id, r.kept_thumbnail FROM entries r WHERE r.kept_thumbnail IS NOT NULL
  )
  INSERT INTO event (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_offset_ms,
    clock_trusted, person_id, decision, body_hash, body, has_thumbnail)
  SELECT r.position, now(), r.id, r.stream_id, r.seq, r.kind, r.site_id, r.device_id, r.occurred_at, r.clock_offset_ms,
    r.clock_trusted, r.person_id, r.decision, r.body_hash, r.body, r.kept_thumbnail IS NOT NULL
  FROM entries r;

  RETURN QUERY SELECT (u.n - 1)::integer, u.outcome, u.code FROM unnest(v_other, v_outcomes, v_codes) AS u (n, outcome, code);
END $$`;

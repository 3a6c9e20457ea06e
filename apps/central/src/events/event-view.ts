import type { Decision, DoorBody, EventKind, EventView, FaceBody } from '@latchkey/contracts';

/** A row of the log as {@link EventsRepository} reads it. `bigint` columns come as text. */
export interface EventRow {
  readonly position: string;
  /** Id of the transaction that wrote it. */
  readonly xid: string;
  readonly id: string;
  readonly stream_id: string;
  readonly seq: string;
  readonly kind: EventKind;
  readonly site_id: string;
  readonly device_id: string;
  readonly occurred_at: Date;
  readonly received_at: Date;
  readonly clock_offset_ms: string | null;
  readonly clock_trusted: boolean;
  readonly person_id: string | null;
  /** Null also when the person is erased. */
  readonly person_name: string | null;
  readonly decision: Decision | null;
  readonly has_thumbnail: boolean;
  /** Whether it holds the encoding of a face that is nobody's. */
  readonly enrollable: boolean;
  /** Without `encoding`, which never leaves the database by this way. Rows of older versions may lack newer fields. */
  readonly body: Partial<FaceBody> & Partial<DoorBody> & Readonly<Record<string, unknown>>;
}

const faceKinds: ReadonlySet<EventKind> = new Set(['verification', 'recognition', 'unknown', 'spoof']);

/** An event as the API shows one: envelope and body flattened, with what central adds. */
export function eventViewOf(row: EventRow): EventView {
  const { body } = row;
  return {
    id: row.id,
    streamId: row.stream_id,
    seq: Number(row.seq),
    kind: row.kind,
    siteId: row.site_id,
    deviceId: row.device_id,
    occurredAt: row.occurred_at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    clockOffsetMs: row.clock_offset_ms === null ? null : Number(row.clock_offset_ms),
    clockTrusted: row.clock_trusted,
    personId: row.person_id,
    personName: row.person_name,
    claimedPersonId: body.claimedPersonId ?? null,
    distance: body.distance ?? null,
    maxDistance: body.maxDistance ?? null,
    margin: body.margin ?? null,
    decision: row.decision,
    reasons: [...(body.reasons ?? [])],
    liveness: body.liveness ?? null,
    quality: body.quality ?? null,
    modelId: body.modelId ?? null,
    galleryRevision: body.galleryRevision ?? null,
    trackId: body.trackId ?? null,
    box: body.box ?? null,
    snapshotId: body.snapshotId ?? null,
    thumbnailUrl: row.has_thumbnail ? `/api/events/${row.id}/thumbnail` : null,
    enrollable: row.enrollable,
    body: faceKinds.has(row.kind) ? null : { ...body },
  };
}

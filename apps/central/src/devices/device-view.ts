import {
  type DeviceView,
  type DoorPolicyConfig,
  doorPolicy,
  type ReportedConfig,
  type Telemetry,
} from '@latchkey/contracts';

/** A device's row with its groups, as {@link DevicesRepository} reads it. */
export interface DeviceRow {
  readonly id: string;
  readonly siteId: string;
  readonly name: string;
  readonly door: DoorPolicyConfig;
  readonly configRevision: string;
  readonly configReported: ReportedConfig | null;
  /** Whether its last presence or telemetry said so, and it was heard of in the last minute. */
  readonly online: boolean;
  readonly lastSeenAt: Date | null;
  readonly agentVersion: string | null;
  readonly modelId: string | null;
  readonly engine: string | null;
  readonly telemetry: Telemetry | null;
  readonly createdAt: Date;
  readonly galleries: readonly GalleryRow[];
}

/** One group of a device: where the group stands, and what the device reported of it, null when never. */
export interface GalleryRow {
  readonly groupId: string;
  readonly wantedEpoch: number;
  readonly wantedRevision: number;
  readonly epoch: number | null;
  readonly revision: number | null;
  readonly persons: number | null;
  readonly encodings: number | null;
  readonly state: 'current' | 'behind' | 'failed' | null;
  /** ISO 8601, as Postgres writes it in JSON. */
  readonly reportedAt: string | null;
}

/** A device as the API shows one. */
export function deviceViewOf(row: DeviceRow): DeviceView {
  const { telemetry } = row;
  return {
    id: row.id,
    siteId: row.siteId,
    name: row.name,
    online: row.online,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    agentVersion: row.agentVersion,
    modelId: row.modelId,
    engine: telemetry?.engine ?? row.engine,
    galleries: row.galleries.map(galleryViewOf),
    door: doorPolicy.parse(row.door),
    configRevision: Number(row.configRevision),
    configReported: row.configReported,
    telemetry: telemetry && {
      at: telemetry.at,
      framesPerSecond: telemetry.framesPerSecond,
      decisionP95Ms: telemetry.decisionP95Ms,
      outboxPending: telemetry.outboxPending,
      rssBytes: telemetry.rssBytes,
      eventLoopP99Ms: telemetry.eventLoopP99Ms,
      cpuShare: telemetry.cpuShare ?? null,
      clockTrusted: telemetry.clockTrusted,
      galleryLocked: telemetry.galleryLocked ?? false,
      cameras: telemetry.cameras ?? [],
      machine: telemetry.machine ?? null,
    },
    createdAt: row.createdAt.toISOString(),
  };
}

function galleryViewOf(row: GalleryRow): DeviceView['galleries'][number] {
  return {
    groupId: row.groupId,
    epoch: row.epoch ?? 0,
    revision: row.revision ?? 0,
    wantedEpoch: row.wantedEpoch,
    wantedRevision: row.wantedRevision,
    persons: row.persons ?? 0,
    encodings: row.encodings ?? 0,
    state: stateOf(row),
    reportedAt: row.reportedAt === null ? null : new Date(row.reportedAt).toISOString(),
  };
}

/** A device that calls itself current may not have heard of the newest change yet: what central knows decides. */
function stateOf(row: GalleryRow): DeviceView['galleries'][number]['state'] {
  if (row.state === null) return 'unknown';
  if (row.state === 'failed') return 'failed';
  return row.epoch === row.wantedEpoch && row.revision === row.wantedRevision ? 'current' : 'behind';
}

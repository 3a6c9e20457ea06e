import type { DoorPolicyConfig, ReportedConfig, Telemetry } from '@latchkey/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An edge agent: what central wants of it, and what it last said of itself. */
@Entity('device')
export class DeviceEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text')
  name!: string;

  /** SHA-256 of its password, 32 random bytes that only its identity file holds. */
  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  @Column('jsonb')
  door!: DoorPolicyConfig;

  /** Grows with every change of door or groups. */
  @Column('bigint', { name: 'config_revision' })
  configRevision!: string;

  @Column('jsonb', { name: 'config_reported', nullable: true })
  configReported!: ReportedConfig | null;

  /** What its last presence or telemetry said; see `deviceView` for what counts as online. */
  @Column('boolean')
  online!: boolean;

  /** The session whose Will counts; null when none is known. */
  @Column('uuid', { name: 'session_id', nullable: true })
  sessionId!: string | null;

  @Column('timestamptz', { name: 'session_since', nullable: true })
  sessionSince!: Date | null;

  @Column('timestamptz', { name: 'last_seen_at', nullable: true })
  lastSeenAt!: Date | null;

  @Column('text', { name: 'agent_version', nullable: true })
  agentVersion!: string | null;

  @Column('text', { name: 'model_id', nullable: true })
  modelId!: string | null;

  @Column('text', { nullable: true })
  engine!: string | null;

  @Column('jsonb', { nullable: true })
  telemetry!: Telemetry | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A device that may hold a person's data in a group: from before the first publish that could carry them until the device
 * reports a gallery without them (PROTOCOL.md §3).
 */
@Entity('holding')
export class HoldingEntity {
  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @PrimaryColumn('text', { name: 'group_id' })
  groupId!: string;

  @Column('timestamptz', { name: 'began_at' })
  beganAt!: Date;

  /** Where the group's log says that the person is gone; null while the person is in the group. */
  @Column('integer', { name: 'removed_epoch', nullable: true })
  removedEpoch!: number | null;

  @Column('integer', { name: 'removed_revision', nullable: true })
  removedRevision!: number | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A device's membership in a group, which it then holds. */
@Entity('device_group')
export class DeviceGroupEntity {
  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  @PrimaryColumn('text', { name: 'group_id' })
  groupId!: string;

  @Column('timestamptz', { name: 'joined_at' })
  joinedAt!: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a device said it holds of a group. */
@Entity('gallery_report')
export class GalleryReportEntity {
  @PrimaryColumn('text', { name: 'device_id' })
  deviceId!: string;

  @PrimaryColumn('text', { name: 'group_id' })
  groupId!: string;

  @Column('integer')
  epoch!: number;

  @Column('integer')
  revision!: number;

  @Column('text', { name: 'content_hash' })
  contentHash!: string;

  @Column('integer')
  persons!: number;

  @Column('integer')
  encodings!: number;

  @Column('text')
  state!: 'current' | 'behind' | 'failed';

  /** By the device's clock. */
  @Column('timestamptz', { name: 'reported_at' })
  reportedAt!: Date;
}

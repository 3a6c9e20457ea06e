import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A group of people that devices hold, and where its change log stands (`GalleryHead` of the domain). */
@Entity('gallery_group')
export class GalleryGroupEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'site_id' })
  siteId!: string;

  @Column('text')
  name!: string;

  /** Grows when the log begins anew, after a restore. */
  @Column('integer')
  epoch!: number;

  @Column('integer')
  revision!: number;

  @Column('text', { name: 'log_hash' })
  logHash!: string;

  @Column('text', { name: 'content_hash' })
  contentHash!: string;

  /** The model whose encodings the group's devices hold. */
  @Column('text', { name: 'model_id' })
  modelId!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

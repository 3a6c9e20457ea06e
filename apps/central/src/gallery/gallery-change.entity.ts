import type { WireGalleryChange } from '@latchkey/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One entry of a group's change log. The hashes stay for ever, the payload until one of its people is erased. */
@Entity('gallery_change')
export class GalleryChangeEntity {
  @PrimaryColumn('text', { name: 'group_id' })
  groupId!: string;

  @PrimaryColumn('integer')
  epoch!: number;

  /** The revision after the change. */
  @PrimaryColumn('integer')
  revision!: number;

  @Column('text', { name: 'prev_hash' })
  prevHash!: string;

  @Column('text', { name: 'log_hash' })
  logHash!: string;

  @Column('text', { name: 'content_hash' })
  contentHash!: string;

  /** People whose names or encodings the payload holds. */
  @Column('uuid', { name: 'carried_person_ids', array: true })
  carriedPersonIds!: string[];

  @Column('integer', { name: 'operation_count' })
  operationCount!: number;

  /** Bytes that the payload takes in a signed message. */
  @Column('integer', { name: 'payload_bytes' })
  payloadBytes!: number;

  @Column('jsonb', { nullable: true })
  payload!: WireGalleryChange | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** Null: still to be published. */
  @Column('timestamptz', { name: 'published_at', nullable: true })
  publishedAt!: Date | null;
}

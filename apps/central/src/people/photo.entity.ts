import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A picture that a person was enrolled from: re-encoded, at most 1024 pixels, without EXIF data. It is in the database and not
 * on a disk, so that every central instance has it, and erasing a person is one transaction.
 */
@Entity('photo')
export class PhotoEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'person_id' })
  personId!: string;

  @Column('text', { name: 'file_name' })
  fileName!: string;

  @Column('bytea')
  jpeg!: Buffer;

  /** 0 … 100; null for a picture out of an event. */
  @Column('real', { nullable: true })
  quality!: number | null;

  /** The event whose picture it is, null for an upload. */
  @Column('uuid', { name: 'event_id', nullable: true })
  eventId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

/** A face's position in a model's space. */
@Entity('encoding')
export class EncodingEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'person_id' })
  personId!: string;

  /** The photo that it was made from; null for an event without a picture. */
  @Column('uuid', { name: 'photo_id', nullable: true })
  photoId!: string | null;

  /** The event that it came from, null for an upload. */
  @Column('uuid', { name: 'event_id', nullable: true })
  eventId!: string | null;

  @Column('text', { name: 'model_id' })
  modelId!: string;

  /** Little-endian float32. */
  @Column('bytea')
  vector!: Buffer;

  /** `encodingRowHash` of the domain. */
  @Column('text', { name: 'row_hash' })
  rowHash!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

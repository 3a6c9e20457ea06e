import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person who is enrolled. */
@Entity('person')
export class PersonEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  /** Admitted also while a device's clock is not trusted. */
  @Column('boolean')
  always!: boolean;

  @Column('timestamptz', { name: 'valid_from', nullable: true })
  validFrom!: Date | null;

  @Column('timestamptz', { name: 'valid_until', nullable: true })
  validUntil!: Date | null;

  /** The schedule that the person is bound to, null: any time. */
  @Column('text', { name: 'schedule_id', nullable: true })
  scheduleId!: string | null;

  /** Whoever is granted raises a silent alarm. */
  @Column('boolean')
  duress!: boolean;

  /** Enters only together with somebody who may enter alone. */
  @Column('boolean')
  escorted!: boolean;

  /** `personRowHash` of the domain: part of the `contentHash` of the person's groups. */
  @Column('text', { name: 'row_hash' })
  rowHash!: string;

  /** What lists are sorted by; made by Postgres. */
  @Column({ type: 'text', name: 'sort_name', insert: false, update: false })
  sortName!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

/** Membership of a person in a group. */
@Entity('person_group')
export class PersonGroupEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @PrimaryColumn('text', { name: 'group_id' })
  groupId!: string;

  @Column('timestamptz', { name: 'joined_at' })
  joinedAt!: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who did what, when, from where, and what came of it. Holds ids, never names of people. */
@Entity('audit_log')
export class AuditLogEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('timestamptz')
  at!: Date;

  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: string | null;

  /** E-mail address of the account, or the one that somebody tried to sign in with. */
  @Column('text', { nullable: true })
  actor!: string | null;

  /** Network address. */
  @Column('text', { nullable: true })
  address!: string | null;

  /** `{slice}.{method}` of the route, e.g. `people.create`. */
  @Column('text')
  action!: string;

  /** Id of what it was done to. */
  @Column('text', { nullable: true })
  subject!: string | null;

  /** `done`, an error code, or null when central died in between. */
  @Column('text', { nullable: true })
  outcome!: string | null;

  @Column('jsonb')
  details!: Record<string, unknown>;
}

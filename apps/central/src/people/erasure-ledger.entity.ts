import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person who was erased: what remains of them, so that they stay erased after a restore (PROTOCOL.md §3). */
@Entity('erasure_ledger')
export class ErasureLedgerEntity {
  @PrimaryColumn('uuid', { name: 'person_id' })
  personId!: string;

  @Column('timestamptz', { name: 'erased_at' })
  erasedAt!: Date;

  /** Account that did it. */
  @Column('uuid', { name: 'erased_by', nullable: true })
  erasedBy!: string | null;

  /** When the last device that held the person had confirmed; null while one has not. */
  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;
}

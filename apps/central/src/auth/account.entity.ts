import type { Role } from '@latchkey/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person who may sign in to central. */
@Entity('account')
export class AccountEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { unique: true })
  email!: string;

  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  @Column('text')
  role!: Role;

  /** Whether the password is still the one that central made at its first start. */
  @Column('boolean', { name: 'password_generated' })
  passwordGenerated!: boolean;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

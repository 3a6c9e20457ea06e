import type { CommandCall, Identified } from '@latchkey/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a device was told to do, by whom, and what became of it. */
@Entity('command')
export class CommandEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'device_id' })
  deviceId!: string;

  @Column('jsonb')
  call!: CommandCall;

  /** `expired` is not kept: it is `waiting` or `sent` for too long. */
  @Column('text')
  state!: 'waiting' | 'sent' | 'done' | 'failed' | 'refused';

  /** The challenge that was answered last. */
  @Column('text', { nullable: true })
  nonce!: string | null;

  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column('text', { nullable: true })
  message!: string | null;

  @Column('jsonb', { nullable: true })
  identified!: Identified | null;

  /** JPEG of `snapshot`, for an hour. */
  @Column('bytea', { nullable: true })
  picture!: Buffer | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  /** When the device was last asked for a challenge. */
  @Column('timestamptz', { name: 'asked_at', nullable: true })
  askedAt!: Date | null;

  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}

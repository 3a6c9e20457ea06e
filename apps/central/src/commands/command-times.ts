import {
  type CommandCall,
  type CommandName,
  type CommandState,
  type CommandView,
  cannotWait,
  type Identified,
} from '@latchkey/contracts';

/** For how long central tries to reach the device, in seconds. A device that was stolen may come back after weeks. */
const reachWithinS: Readonly<Record<CommandName, number>> = {
  'open-door': 10,
  identify: 10,
  restart: 60,
  resync: 60,
  snapshot: 60,
  wipe: 90 * 24 * 3_600,
};

/** Longer than the device takes to carry anything out and to tell. */
const answerWithinS = 15;

/** How long central tries to reach the device with a command, in seconds. */
export function reachSeconds({ name }: CommandCall): number {
  return reachWithinS[name];
}

/** A command as it is kept. */
export interface CommandRow {
  readonly id: string;
  readonly deviceId: string;
  readonly call: CommandCall;
  readonly state: Exclude<CommandState, 'expired'>;
  readonly message: string | null;
  readonly identified: Identified | null;
  readonly hasPicture: boolean;
  readonly by: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
  /** When the row was read, on the database's clock as the other times. */
  readonly readAt: Date;
}

/** The command as people see it: one that waits for too long has expired. */
export function commandViewOf(row: CommandRow): CommandView {
  const { id, deviceId, call, identified, hasPicture, by } = row;
  const late = lateness(row);
  return {
    id,
    deviceId,
    call,
    state: late === null ? row.state : 'expired',
    message: late ?? row.message,
    identified,
    hasPicture,
    by,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** Why a command is not waited for any more, null when it is, or has ended. */
function lateness({ state, call, expiresAt, sentAt, readAt }: CommandRow): string | null {
  if (state === 'waiting' && readAt > expiresAt) return 'The device did not answer in time; nothing was done.';
  if (state !== 'sent' || sentAt === null) return null;
  const runs = call.name === 'identify' ? call.forS : 0;
  const over = readAt.getTime() - sentAt.getTime() > (answerWithinS + runs) * 1_000;
  // What can wait is asked for again as soon as the device is back.
  if (!over || (!cannotWait(call.name) && readAt <= expiresAt)) return null;
  return 'The device was told, and did not say how it ended; look at its events.';
}

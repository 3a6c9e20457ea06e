import { type CommandCall, type CommandReport, cannotWait, commandNames } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import type { DeviceKey } from '../devices/device-state.repository.ts';
import type { CommandRow } from './command-times.ts';

/** A command to be given. */
export interface NewCommand {
  readonly id: string;
  readonly deviceId: string;
  readonly call: CommandCall;
  readonly accountId: string;
  readonly reachSeconds: number;
}

/** A command that its device has not carried out. */
export interface OpenCommand {
  readonly id: string;
  readonly call: CommandCall;
}

const ofDevice = '(SELECT id FROM device WHERE id = $1 AND site_id = $2)';
/** What may be sent again when nobody said how it ended. */
const repeatable = `call->>'name' IN (${commandNames
  .filter((name) => !cannotWait(name))
  .map((name) => `'${name}'`)
  .join(', ')})`;

/** SQL of commands. Words of devices about commands that are not theirs change nothing. */
@Injectable()
export class CommandsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Notes a command before anything of it is sent. */
  async insert({ id, deviceId, call, accountId, reachSeconds }: NewCommand): Promise<void> {
    await this.database.run(
      `INSERT INTO command (id, device_id, call, account_id, expires_at, asked_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5), now())`,
      [id, deviceId, JSON.stringify(call), accountId, reachSeconds],
    );
  }

  /** One command, null when there is none. */
  async find(id: string): Promise<CommandRow | null> {
    const [row] = await this.#rows('WHERE c.id = $1', [id]);
    return row ?? null;
  }

  /** Commands of a device, newest first. */
  list(deviceId: string, limit: number): Promise<CommandRow[]> {
    return this.#rows('WHERE c.device_id = $1 ORDER BY c.created_at DESC, c.id DESC LIMIT $2', [deviceId, limit]);
  }

  /** The picture of a command that ended within the last `seconds`, null when there is none. */
  async picture(id: string, seconds: number): Promise<Buffer | null> {
    const [row] = await this.database.rows<{ picture: Buffer | null }>(
      'SELECT picture FROM command WHERE id = $1 AND ended_at > now() - make_interval(secs => $2)',
      [id, seconds],
    );
    return row?.picture ?? null;
  }

  /**
   * What a device that has just come back must be asked for: what it was not reached for yet, and what it never said the end of.
   * Notes that it was asked; what was asked for a moment ago is left out, because a device comes with more than one sign of life.
   */
  toAsk({ siteId, deviceId }: DeviceKey): Promise<OpenCommand[]> {
    return this.database.rows<OpenCommand>(
      `UPDATE command SET asked_at = now()
       WHERE device_id = ${ofDevice} AND expires_at > now() AND asked_at < now() - interval '3 s'
         AND (state = 'waiting' OR (state = 'sent' AND ${repeatable}))
       RETURNING id, call`,
      [deviceId, siteId],
    );
  }

  /**
   * Takes a challenge of the device: from now on the command counts as sent, and no second challenge is answered for what may
   * not happen twice. Null when the command is over, or was answered.
   */
  async take({ siteId, deviceId }: DeviceKey, id: string, nonce: string): Promise<CommandCall | null> {
    const [row] = await this.database.rows<{ call: CommandCall }>(
      `UPDATE command SET state = 'sent', nonce = $4, sent_at = now()
       WHERE device_id = ${ofDevice} AND id = $3 AND expires_at > now()
         AND (state = 'waiting' OR (state = 'sent' AND ${repeatable}))
       RETURNING call`,
      [deviceId, siteId, id, nonce],
    );
    return row?.call ?? null;
  }

  /** Whether a device has a command that was sent to it with this challenge, and has not ended. */
  async isSent({ siteId, deviceId }: DeviceKey, id: string, nonce: string): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT FROM command WHERE device_id = ${ofDevice} AND id = $3 AND nonce = $4 AND state = 'sent'`,
      [deviceId, siteId, id, nonce],
    );
    return rows.length > 0;
  }

  /** Notes how a command ended that was sent with this challenge. @returns false when it was not, or has ended already. */
  async end(
    { siteId, deviceId }: DeviceKey,
    id: string,
    nonce: string,
    { outcome, message, identified, picture }: CommandReport,
  ): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE command SET state = $5, message = $6, identified = $7, picture = $8, ended_at = now()
       WHERE device_id = ${ofDevice} AND id = $3 AND nonce = $4 AND state = 'sent'`,
      [
        deviceId,
        siteId,
        id,
        nonce,
        outcome,
        message,
        identified ? JSON.stringify(identified) : null,
        picture === undefined ? null : Buffer.from(picture, 'base64'),
      ],
    );
    return changed === 1;
  }

  /** Ends a command that never left central. */
  async abandon(id: string, message: string): Promise<void> {
    await this.database.run(
      `UPDATE command SET state = 'failed', message = $2, ended_at = now() WHERE id = $1 AND state = 'waiting'`,
      [id, message],
    );
  }

  /** Deletes pictures older than that. @returns how many. */
  forgetPictures(seconds: number): Promise<number> {
    return this.database.run(
      `UPDATE command SET picture = NULL
       WHERE picture IS NOT NULL AND ended_at <= now() - make_interval(secs => $1)`,
      [seconds],
    );
  }

  #rows(rest: string, parameters: readonly unknown[]): Promise<CommandRow[]> {
    return this.database.rows<CommandRow>(
      `SELECT c.id, c.device_id AS "deviceId", c.call, c.state, c.message, c.identified,
         c.picture IS NOT NULL AS "hasPicture", account.email AS by, c.created_at AS "createdAt",
         c.expires_at AS "expiresAt", c.sent_at AS "sentAt", c.ended_at AS "endedAt", now() AS "readAt"
       FROM command c LEFT JOIN account ON account.id = c.account_id ${rest}`,
      parameters,
    );
  }
}

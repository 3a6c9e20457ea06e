import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** An entry before its outcome is known. */
export interface AuditEntry {
  readonly id: string;
  readonly accountId: string | null;
  readonly actor: string | null;
  readonly address: string;
  readonly action: string;
  readonly subject: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** SQL of the audit log. */
@Injectable()
export class AuditRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Adds an entry. */
  async insert(entry: AuditEntry): Promise<void> {
    await this.database.run(
      `INSERT INTO audit_log (id, account_id, actor, address, action, subject, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        entry.id,
        entry.accountId,
        entry.actor,
        entry.address,
        entry.action,
        entry.subject,
        JSON.stringify(entry.details),
      ],
    );
  }

  /** Sets what came of it. */
  async finish(id: string, outcome: string, subject: string | null): Promise<void> {
    await this.database.run('UPDATE audit_log SET outcome = $2, subject = coalesce(subject, $3) WHERE id = $1', [
      id,
      outcome,
      subject,
    ]);
  }
}

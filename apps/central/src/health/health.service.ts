import type { HealthView } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { version } from '../runtime/version.ts';

/** Parts that must work for central to be healthy, besides the database. */
export type HealthPart = 'broker' | 'ingest';

/** The database has this long to answer a health check. */
const databaseTimeoutMs = 2000;

/**
 * Whether central works. A part tells how it is by registering a check in its `onModuleInit`:
 * `health.register('broker', () => link.connected)`. A part that never registered is down.
 */
@Injectable()
export class HealthService {
  readonly #checks = new Map<HealthPart, () => boolean>();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Sets a part's check; it answers at once from what the part knows. */
  register(part: HealthPart, isUp: () => boolean): void {
    this.#checks.set(part, isUp);
  }

  /** State of every part now. */
  async check(): Promise<HealthView> {
    const checks = {
      database: state(await this.#databaseAnswers()),
      broker: state(this.#isUp('broker')),
      ingest: state(this.#isUp('ingest')),
    };
    const up = Object.values(checks).every((check) => check === 'up');
    return { status: state(up), checks, version };
  }

  #isUp(part: HealthPart): boolean {
    try {
      return this.#checks.get(part)?.() ?? false;
    } catch {
      return false;
    }
  }

  async #databaseAnswers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), databaseTimeoutMs);
    });
    const answer = this.database.rows('SELECT 1').then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function state(up: boolean): 'up' | 'down' {
  return up ? 'up' : 'down';
}

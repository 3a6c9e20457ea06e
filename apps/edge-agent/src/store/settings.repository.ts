import { LatchkeyError } from '@latchkey/domain';
import type { LocalDatabase } from '@latchkey/link';
import { z } from 'zod';

const valueRow = z.object({ value: z.string() });

/** Names of what the agent remembers over restarts. */
export type SettingName = 'desired-config' | 'clock-floor' | 'door-memory' | 'offline-ms';

/** Small values that outlive the process, as JSON. */
export class SettingsRepository {
  private readonly database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.database = database;
  }

  /**
   * A value that {@link write} kept, null when there is none.
   * @throws LatchkeyError `storage-corrupt` when it has another form than `schema`.
   */
  read<T>(name: SettingName, schema: z.ZodType<T>): T | null {
    const row = this.database.get('SELECT value FROM setting WHERE name = ?', [name]);
    if (!row) return null;
    try {
      return schema.parse(JSON.parse(valueRow.parse(row).value));
    } catch (cause) {
      throw new LatchkeyError('storage-corrupt', `The stored setting "${name}" cannot be read.`, { cause });
    }
  }

  /** Keeps a value; on disk when this returns. */
  write(name: SettingName, value: unknown): void {
    this.database.run(
      'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [name, JSON.stringify(value)],
    );
  }
}

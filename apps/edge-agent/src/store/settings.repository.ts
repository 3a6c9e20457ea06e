import { LatchkeyError } from '@latchkey/domain';
import { type LocalDatabase, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';

const valueRow = z.object({ value: storedText });

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
    const row = this.database.get(`SELECT ${textOf('value')} FROM setting WHERE name = ?`, [name]);
    if (!row) return null;
    try {
      return schema.parse(JSON.parse(valueRow.parse(row).value));
    } catch (cause) {
      throw new LatchkeyError('storage-corrupt', `The stored setting "${name}" cannot be read.`, { cause });
    }
  }

  /** @throws LatchkeyError `storage-corrupt` when one of them is no JSON, as damage leaves it that SQLite does not see. */
  assertReadable(): void {
    for (const row of this.database.all(`SELECT ${textOf('value')} FROM setting`)) {
      try {
        JSON.parse(valueRow.parse(row).value);
      } catch (cause) {
        throw new LatchkeyError('storage-corrupt', 'A stored setting is not what was written.', { cause });
      }
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

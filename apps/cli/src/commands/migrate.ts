import { join } from 'node:path';
import { readUpConfig } from '@latchkey/config';
import { EmbeddedPostgres } from '@latchkey/embedded';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';

/** `latchkey migrate`: brings the database to this version's schema. Central does the same at its start. */
export function addMigrateCommand(program: Command): void {
  const command = program
    .command('migrate')
    .description('Brings the database to the schema of this version: LATCHKEY_DATABASE_URL, else the embedded one.')
    .option('--data <dir>', 'folder of the embedded database (default: .latchkey)');
  command.action(async (flags: { readonly data?: string }) => {
    const config = readUpConfig();
    const ran = config.databaseUrl
      ? await migrate(config.databaseUrl)
      : await migrateEmbedded(flags.data ?? config.dataDir);
    const text = ran.length === 0 ? 'The database is up to date.' : ran.map((name) => `ran ${name}`).join('\n');
    outputOf(command).result(text, { ran });
    process.exitCode = exitCodes.done;
  });
}

async function migrateEmbedded(dataDir: string): Promise<string[]> {
  const postgres = new EmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  const { url, adopted } = await postgres.start();
  try {
    return await migrate(url);
  } finally {
    // One that was found running is somebody else's: `latchkey up` works on it.
    if (!adopted) await postgres.stop();
  }
}

/** Central is loaded for this command only: it is the heaviest part. */
async function migrate(databaseUrl: string): Promise<string[]> {
  const { runMigrations } = await import('@latchkey/central');
  return runMigrations(databaseUrl);
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { type CommandOptions, runCommand } from './run-command.ts';

/**
 * Installs one npm package into a folder of its own by the user's npm, so that mirrors and proxies work. No install
 * script of it or of its dependencies is run.
 * @param scripts scripts of the folder's package.json, for `npm run`.
 * @throws LatchkeyError `engine-unavailable` when npm cannot get it.
 */
export async function installPackage(
  folder: string,
  { name, version }: { readonly name: string; readonly version: string },
  scripts: Readonly<Record<string, string>>,
  commands: CommandOptions,
): Promise<void> {
  const manifest = { private: true, description: 'Made by "latchkey engine install".', scripts };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const flags = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--prefix', folder];
  const installed = await runCommand('npm', ['install', ...flags, `${name}@${version}`], { ...commands, cwd: folder });
  if (installed.ok) return;
  const errors = installed.stderr.split('\n').filter((line) => line.includes('error') && !line.includes('log'));
  throw new LatchkeyError(
    'engine-unavailable',
    `npm could not get ${name}@${version} (${installed.end}): ${errors.slice(0, 3).join(' | ') || 'see the log'}. ` +
      `Check the network or npm's registry; the whole output is in ${commands.log}.`,
  );
}

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Says that everything is to be deleted: whoever starts the agent again after a crash in between goes on with it. */
const marker = 'wipe-begun';
/** Everything that an agent writes into its folder, what opens the rest first. */
const content = ['keys', 'agent.json', 'data', 'run'];

/**
 * Begins to forget: from here on nothing on the disk can be read any more, because its key is gone, and what is left is
 * deleted by {@link finishWipe}, now or at the next start.
 * @throws the file system's error when not even that can be written.
 */
export function beginWipe(agentDir: string): void {
  mkdirSync(agentDir, { recursive: true });
  synced(openSync(join(agentDir, marker), 'w', 0o600));
  synced(openSync(agentDir, 'r'));
  const keys = join(agentDir, 'keys');
  if (statSync(keys, { throwIfNoEntry: false })) {
    for (const name of readdirSync(keys, { recursive: true, encoding: 'utf8' })) overwrite(join(keys, name));
  }
  rmSync(keys, { recursive: true, force: true });
  // Central is told that all is gone: a power cut after that must not bring it back.
  synced(openSync(agentDir, 'r'));
}

/** A file that is only deleted can be found on the disk. */
function overwrite(path: string): void {
  const status = statSync(path);
  if (!status.isFile()) return;
  const { size } = status;
  const file = openSync(path, 'r+');
  writeSync(file, randomBytes(size), 0, size, 0);
  synced(file);
}

/** Waits until the disk has a file, or the entries of a folder, and closes it. */
function synced(file: number): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Deletes what {@link beginWipe} left. @returns whether there was a wipe to finish. */
export function finishWipe(agentDir: string): boolean {
  if (!statSync(join(agentDir, marker), { throwIfNoEntry: false })) return false;
  for (const name of content) rmSync(join(agentDir, name), { recursive: true, force: true });
  rmSync(join(agentDir, marker), { force: true });
  return true;
}

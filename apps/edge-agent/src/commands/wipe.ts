import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
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
  const file = openSync(join(agentDir, marker), 'w', 0o600);
  fsyncSync(file);
  closeSync(file);
  rmSync(join(agentDir, 'keys'), { recursive: true, force: true });
}

/** Deletes what {@link beginWipe} left. @returns whether there was a wipe to finish. */
export function finishWipe(agentDir: string): boolean {
  if (!statSync(join(agentDir, marker), { throwIfNoEntry: false })) return false;
  for (const name of content) rmSync(join(agentDir, name), { recursive: true, force: true });
  rmSync(join(agentDir, marker), { force: true });
  return true;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive } from '../process-state.ts';

/** What a running Postgres says of itself in `postmaster.pid`. */
export interface PostmasterPid {
  readonly pid: number;
  /** 0 while it is not known yet. */
  readonly port: number;
  /** It listens and takes connections. */
  readonly ready: boolean;
}

/**
 * The server that runs on a data directory, from its `postmaster.pid`; null when there is no such file, or it was left
 * behind and its number now belongs to another process. Lines 1, 4 and 8 are pid, port and status (Postgres `pidfile.h`).
 */
export function runningPostmaster(pgData: string): PostmasterPid | null {
  let lines: string[];
  try {
    lines = readFileSync(join(pgData, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isProcessAlive(pid) || !isPostmaster(pid, pgData)) return null;
  return { pid, port: Number(lines[3]) || 0, ready: lines[7]?.trim() === 'ready' };
}

/** Whether a process is Postgres on this data directory. Where that cannot be seen, it is taken to be. */
function isPostmaster(pid: number, pgData: string): boolean {
  let words: string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return process.platform !== 'linux';
  }
  return words.includes(pgData) && (words[0] ?? '').endsWith('postgres');
}

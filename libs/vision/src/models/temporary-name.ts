import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A name of another machine, or another container, is left alone this long after its last change. */
const FOREIGN_MS = 10 * 60_000;

const host = hostname()
  .replaceAll(/[^A-Za-z0-9-]/g, '-')
  .slice(0, 40);

/** A part of a file name that no other process uses, and by which others see whether its owner lives: `HOST~PID~RANDOM`. */
export function temporaryName(): string {
  return `${host}~${process.pid}~${randomUUID().slice(0, 8)}`;
}

/**
 * Whether the owner of a {@link temporaryName} is gone.
 * @param idleMs time since the file or folder was last changed.
 */
export function isAbandoned(name: string, idleMs: number): boolean {
  const [owner, pid] = name.split('~');
  if (idleMs > FOREIGN_MS) return true;
  if (owner !== host || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

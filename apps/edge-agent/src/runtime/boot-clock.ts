import { readFileSync } from 'node:fs';
import type { BootMs, Clock } from '@latchkey/domain';
import { LatchkeyError } from '@latchkey/domain';

/** Time since the machine started, its time asleep included. @throws LatchkeyError `internal` when nobody can tell. */
export type BootClock = () => BootMs;

const uptimePath = '/proc/uptime';

/**
 * The machine's boot clock. On Linux the kernel's own figure, to 10 ms: the clocks that Node offers there stand still while
 * the machine sleeps, so that what is valid for seconds could be used hours later. Elsewhere Node's monotonic clock, which counts
 * sleep on macOS and Windows.
 */
export function bootClock(clock: Clock, platform: NodeJS.Platform = process.platform): BootClock {
  if (platform !== 'linux') return () => clock.monotonicMs();
  return () => {
    try {
      return readUptime();
    } catch (cause) {
      throw new LatchkeyError('internal', `${uptimePath} cannot be read; no command can be proved fresh.`, { cause });
    }
  };
}

/**
 * What Linux says of the time since the machine started, its time asleep included, to 10 ms.
 * @throws LatchkeyError `internal` as {@link parseUptime}; the file system's error.
 */
export function readUptime(): BootMs {
  return parseUptime(readFileSync(uptimePath, 'utf8'));
}

/**
 * The first figure of `/proc/uptime` in milliseconds.
 * @throws LatchkeyError `internal` when there is none.
 */
export function parseUptime(text: string): BootMs {
  const seconds = /^(\d+\.\d\d) /.exec(text)?.[1];
  if (seconds === undefined) throw new LatchkeyError('internal', `"${text.trim()}" is no uptime.`);
  return Math.round(Number(seconds) * 1_000);
}

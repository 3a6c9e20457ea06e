import { LatchkeyError } from '@latchkey/domain';

/** What `latchkey up` says while it runs. */
export type Announcement =
  | { readonly event: 'ready'; readonly part: string; readonly seconds: number; readonly detail: string }
  | {
      readonly event: 'ended';
      readonly part: string;
      readonly how: string;
      readonly restartInMs: number;
      readonly why: string;
    }
  | { readonly event: 'progress'; readonly part: string; readonly line: string }
  | { readonly event: 'stopping' }
  | { readonly event: 'stopped' };

/** The announcement as one line for people (more when a part tells why it ended). */
export function asText(announcement: Announcement): string {
  switch (announcement.event) {
    case 'ready':
      return `  ${announcement.part.padEnd(11)} ready   ${`${announcement.seconds.toFixed(1)} s`.padStart(6)}   ${announcement.detail}`;
    case 'ended': {
      const { part, how, restartInMs, why } = announcement;
      const reason = why === '' ? '' : `\n${why.replace(/^/gm, '      ')}`;
      return `  ${part.padEnd(11)} ended (${how}), starts again in ${(restartInMs / 1000).toFixed(1)} s${reason}`;
    }
    case 'progress':
      return `  ${announcement.part.padEnd(11)} ${announcement.line}`;
    case 'stopping':
      return 'Stopping …';
    case 'stopped':
      return 'Stopped.';
  }
}

/** An address without the password in it, for the console. */
export function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password) url.password = '***';
  return url.toString();
}

/** How a process ended, in words. */
export function howEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ?? (code === null ? 'could not start' : `exit code ${code}`);
}

/** What a start throws that a stop has cut short. */
export function startCutShort(): LatchkeyError {
  return new LatchkeyError('internal', 'Latchkey was stopped while it started.');
}

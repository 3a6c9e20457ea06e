import type { CommandEnd, CommandHandler } from './command-desk.ts';

/** Ends that a command asks the process for. */
export type CommandedEnd = 'restart' | 'wipe';

/** Ends the agent in order, then does what the end is for. */
export type EndAgent = (end: CommandedEnd) => void;

/** `restart`: the agent ends; whatever supervises it starts it again. */
export function restartCommand(end: EndAgent): CommandHandler<'restart'> {
  return async (): Promise<CommandEnd> => ({
    report: { outcome: 'done', message: 'The agent ends and is started again by its supervisor.' },
    afterwards: () => end('restart'),
  });
}

/** `resync`: all galleries are asked for as a whole. */
export function resyncCommand(galleries: { resync(): number }): CommandHandler<'resync'> {
  return async () => {
    const groups = galleries.resync();
    return {
      report: {
        outcome: 'done',
        message: `${groups} ${groups === 1 ? 'gallery is' : 'galleries are'} asked for anew.`,
      },
    };
  };
}

/** What `wipe` forgets, in this order. */
export interface Forgetting {
  /** What is on disk cannot be read from here on, see `beginWipe`. */
  beginWipe(): void;
  /** Nobody is known from here on; what the disk refuses is no matter, since it cannot be read. */
  forgetGalleries(): void;
  /** Events that central has not acknowledged: they are lost. */
  pendingEvents(): number;
}

/** `wipe`: the device forgets everybody and who it is, and ends, whatever the disk says once its key is gone. */
export function wipeCommand(parts: Forgetting, end: EndAgent): CommandHandler<'wipe'> {
  return async () => {
    parts.beginWipe();
    parts.forgetGalleries();
    const events = lostEvents(parts);
    return {
      report: { outcome: 'done', message: `Galleries, keys and credentials are deleted.${events}` },
      afterwards: () => end('wipe'),
    };
  };
}

function lostEvents({ pendingEvents }: Forgetting): string {
  try {
    const lost = pendingEvents();
    return lost === 0 ? '' : ` ${lost} events that had not reached the log are lost.`;
  } catch {
    return ' Events that had not reached the log are lost; the disk does not say how many.';
  }
}

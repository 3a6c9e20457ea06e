import type { Clock } from '@latchkey/domain';
import { LatchkeyError } from '@latchkey/domain';
import type { DoorDriver, DoorOutcome } from '../door/door-driver.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { type CommandHandler, refused } from './command-desk.ts';

const told: Readonly<
  Record<DoorOutcome, { readonly outcome: 'done' | 'failed' | 'refused'; readonly message: string }>
> = {
  opened: { outcome: 'done', message: 'The door was opened.' },
  failed: { outcome: 'failed', message: 'The actuator of the door did not answer; the door did not open.' },
  late: { outcome: 'failed', message: 'The disk took too long to keep the event; nothing moved.' },
  refused: { outcome: 'refused', message: 'The door of this device does not run now; nothing moved.' },
};

/** `open-door`: an event on disk, then the door, as for a face (DESIGN.md §5). */
export function openDoorCommand(
  recorder: EventRecorder,
  door: Pick<DoorDriver, 'grant'>,
  clock: Clock,
): CommandHandler<'open-door'> {
  return async (_call, { commandId }) => {
    const decidedAt = clock.monotonicMs();
    try {
      recorder.record('door', {
        action: 'commanded',
        commandId,
        origin: 'command',
        trackId: null,
        personId: null,
        reasons: [],
      });
    } catch (cause) {
      if (!(cause instanceof LatchkeyError)) throw cause;
      return { report: refused('The event could not be written to disk, so the door stays shut.') };
    }
    return { report: told[await door.grant({ decidedAt, origin: 'command', trackId: null, personId: null })] };
  };
}

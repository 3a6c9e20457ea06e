import {
  type CommandCall,
  type CommandName,
  type CommandState,
  type CommandView,
  cannotWait,
} from '@latchkey/contracts';

/** What a command is called where it was given. */
export const commandWords: Readonly<Record<CommandName, string>> = {
  'open-door': 'Open the door',
  identify: 'Identify a person',
  restart: 'Restart the agent',
  resync: 'Load galleries anew',
  snapshot: 'Take a picture',
  wipe: 'Wipe the device',
};

/** What somebody is told before a command is given. */
export const commandWarnings: Readonly<Record<CommandName, string>> = {
  'open-door': 'The door opens at once, for whoever stands before it. The log says that you asked for it.',
  identify: 'For a while the door looks for one person alone, and lets them in if it is them.',
  restart: 'The agent ends and its supervisor starts it again. Nobody is recognised for some seconds.',
  resync: 'The device asks for every gallery as a whole. People are recognised meanwhile.',
  snapshot: 'The device sends one picture of what its camera sees now, masked as configured. It is kept for an hour.',
  wipe: 'Keys, galleries, events that were not sent yet and the device’s own credentials are deleted. Nobody is recognised there until it is set up anew by hand.',
};

/** What a state is called. */
export const stateWords: Readonly<Record<CommandState, string>> = {
  waiting: 'Waiting for the device',
  sent: 'Sent to the device',
  expired: 'No answer',
  done: 'Done',
  failed: 'Failed',
  refused: 'Refused',
};

/** Whether something may still come of a command. */
export function isUnderWay({ state }: Pick<CommandView, 'state'>): boolean {
  return state === 'waiting' || state === 'sent';
}

/** Whether a command may be given to a device as it is: some wait for it, others have somebody waiting. */
export function canBeGiven(name: CommandName, online: boolean): boolean {
  return online || !cannotWait(name);
}

/** How a command ended, in words: its message, with what `identify` measured. */
export function commandSentence({ state, message, identified }: CommandView): string {
  const distance = identified?.distance;
  const measured =
    distance == null ? '' : ` Distance ${distance.toFixed(2)} of at most ${identified?.maxDistance.toFixed(2)}.`;
  return `${message ?? stateWords[state]}${measured}`;
}

/** The command that a dialog gives; null while something is missing. */
export function callOf(name: CommandName, personId: string | null, forS: number): CommandCall | null {
  if (name !== 'identify') return { name };
  return personId === null ? null : { name, personId, forS };
}

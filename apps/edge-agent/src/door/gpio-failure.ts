import { LatchkeyError } from '@latchkey/domain';

/**
 * What the messages of a program of libgpiod say about why it failed.
 * @param end how it ended, in words; `ENOENT`: it is not installed.
 */
export function gpioFailure(program: string, end: string, messages: string): LatchkeyError {
  if (end === 'ENOENT' || end === 'exit code 127') {
    return new LatchkeyError(
      'door-program-missing',
      `${program} is not installed; it is in the package "gpiod" (docs/doors.md).`,
    );
  }
  const line = messages
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text !== '' && !/^[012] \d+$/.test(text));
  return new LatchkeyError(
    'door-unavailable',
    `${reasonOf(messages, program, end)}${line === undefined ? '' : ` ${line.slice(0, 200)}`}`,
    { details: { program, end } },
  );
}

function reasonOf(messages: string, program: string, end: string): string {
  if (/busy/i.test(messages)) return 'The line is held by another program or by the kernel.';
  if (/cannot find line|out of range|invalid offset/i.test(messages)) return 'The chip has no such line.';
  if (/No such file|No such device|cannot find GPIO chip|looking up chip/i.test(messages))
    return 'There is no such GPIO chip.';
  if (/Permission denied|not permitted/i.test(messages))
    return 'The GPIO chip may not be used; its user must be in the group that owns /dev/gpiochip*.';
  if (/Invalid argument|not supported/i.test(messages))
    return 'The chip has no such line, or cannot do what is asked of it (bias and drive need a newer kernel).';
  return `${program} failed (${end}).`;
}

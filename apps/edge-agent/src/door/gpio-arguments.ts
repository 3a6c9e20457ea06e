import type { GpioInputConfig, GpioLineConfig, GpioLockConfig } from '@latchkey/config';

/** Which of libgpiod's two sets of programs is installed: they take different arguments. */
export type GpioVersion = 1 | 2;

/** A program of libgpiod with its arguments. */
export type GpioWords = readonly [string, ...string[]];

/** How the kernel's list of lines names who holds ours; version 1 always says `gpioset`. */
const consumer = 'latchkey';

/** The part of `gpioset --version` that tells. @returns null when it is of neither. */
export function gpioVersionOf(text: string): GpioVersion | null {
  const [, major] = /\blibgpiod\)?\s+v?(\d+)\./.exec(text) ?? [];
  return major === '1' || major === '0' ? 1 : major === '2' ? 2 : null;
}

/** Drives the lock so that somebody may pass, for a time. Version 2 drives it back itself before it ends; version 1 does not. */
export function openWords(version: GpioVersion, lock: GpioLockConfig, ms: number): GpioWords {
  const mode =
    version === 1
      ? ['-m', 'time', '-s', `${Math.floor(ms / 1000)}`, '-u', `${(ms % 1000) * 1000}`]
      : ['-t', `${ms}ms,0`];
  return setWords(version, lock, mode, lock.energise === 'to-open');
}

/** Holds the lock shut until it is told to end. */
export function restWords(version: GpioVersion, lock: GpioLockConfig): GpioWords {
  return setWords(version, lock, version === 1 ? ['-m', 'signal'] : [], lock.energise === 'to-lock');
}

/** Drives the lock shut and ends. */
export function shutWords(version: GpioVersion, lock: GpioLockConfig): GpioWords {
  return setWords(version, lock, version === 1 ? ['-m', 'exit'] : ['-t', '0'], lock.energise === 'to-lock');
}

/** Tells each change of an input on a line of its own: `%e %o`, in which 1 is on, and 0 or 2 off. */
export function monitorWords(version: GpioVersion, input: GpioInputConfig): GpioWords {
  const format = ['-F', '%e %o'];
  if (version === 1) return ['gpiomon', '-b', ...format, ...electricWords(1, input), ...placeWords(1, input)];
  const debounce = input.debounceMs === 0 ? [] : ['-p', `${input.debounceMs}ms`];
  return ['gpiomon', '-C', consumer, ...debounce, ...format, ...electricWords(2, input), ...placeWords(2, input)];
}

/** Prints whether an input is on: 1 or 0. */
export function readWords(version: GpioVersion, input: GpioLineConfig): GpioWords {
  const numeric = version === 1 ? [] : ['--numeric'];
  return ['gpioget', ...numeric, ...electricWords(version, input), ...placeWords(version, input)];
}

/** Lists the lines of a chip, or of all chips, with who holds them. For version 1 alone. */
export function infoWords(chip: string | undefined): GpioWords {
  return ['gpioinfo', ...(chip === undefined ? [] : [chip])];
}

function setWords(version: GpioVersion, lock: GpioLockConfig, mode: readonly string[], on: boolean): GpioWords {
  // Version 1 has no `-D` before 1.5, so it is not given where it changes nothing.
  const drive = lock.drive === 'push-pull' ? [] : [version === 1 ? '-D' : '-d', lock.drive];
  const said = version === 1 ? [] : ['--banner', '-C', consumer];
  const place = placeWords(version, lock);
  const value = `${place.at(-1)}=${on ? 1 : 0}`;
  return ['gpioset', ...said, ...electricWords(version, lock), ...drive, ...mode, ...place.slice(0, -1), value];
}

function electricWords(version: GpioVersion, { activeLow, bias }: GpioLineConfig): string[] {
  const low = activeLow ? ['-l'] : [];
  // Neither old programs nor old kernels know biases.
  if (bias === 'as-is') return low;
  return [...low, ...(version === 1 ? ['-B', bias] : ['-b', bias === 'disable' ? 'disabled' : bias])];
}

/** Chip and line; the line comes last. */
function placeWords(version: GpioVersion, { chip, line }: GpioLineConfig): string[] {
  if (version === 1) return [chip ?? '', `${line}`];
  return [...(chip === undefined ? [] : ['-c', chip]), `${line}`];
}

import { InvalidArgumentError } from 'commander';

/** A TCP port of an option; 0: any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** A duration of an option: 0.1 to 3600 seconds. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600))
    throw new InvalidArgumentError('A duration is a number of seconds, 0.1 to 3600.');
  return seconds;
}

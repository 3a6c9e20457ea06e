/** One line of a chip as `gpioinfo` of libgpiod 1 lists it. */
export interface GpioLineInfo {
  readonly chip: string;
  readonly offset: number;
  readonly name: string | null;
  /** Who holds it; null: nobody. */
  readonly consumer: string | null;
  readonly direction: 'input' | 'output';
}

/** What `gpioinfo` of libgpiod 1 prints. Lines that it prints otherwise are left out. */
export function parseGpioInfo(text: string): GpioLineInfo[] {
  let chip = '';
  return text.split('\n').flatMap((row): GpioLineInfo[] => {
    const [, header] = /^(\S+) - \d+ lines?:/.exec(row) ?? [];
    if (header !== undefined) {
      chip = header;
      return [];
    }
    const found = /^\s+line\s+(\d+):\s+(unnamed|"[^"]*")\s+(unused|kernel|"[^"]*")\s+(input|output)\b/.exec(row);
    if (!found) return [];
    const [, offset, name = '', consumer = '', direction] = found;
    return [
      {
        chip,
        offset: Number(offset),
        name: name === 'unnamed' ? null : name.slice(1, -1),
        consumer: consumer === 'unused' ? null : consumer.replaceAll('"', ''),
        direction: direction === 'input' ? 'input' : 'output',
      },
    ];
  });
}

import { fileURLToPath } from 'node:url';

/** Ready ONNX files, beside the repository. */
export const readyFolder = fileURLToPath(new URL('../../../shared/models/', import.meta.url));

/** Value of `--NAME=VALUE` among the flags of the command line. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(`--${name}=`.length);
}

/** Those that a flag names, separated by commas and in its order; all of them without the flag. */
export function chosen<Item extends { readonly name: string }>(
  items: readonly Item[],
  flags: readonly string[],
  flag: string,
): readonly Item[] {
  const names = flagValue(flags, flag);
  if (names === undefined) return items;
  return names.split(',').map((name) => {
    const item = items.find((candidate) => candidate.name === name);
    if (!item) throw new Error(`There is no "${name}"; there is ${items.map((known) => known.name).join(', ')}.`);
    return item;
  });
}

import { readFileSync } from 'node:fs';
import { LatchkeyError } from '@latchkey/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Environment } from './read-options.ts';

/** No file of options is larger; what is was meant to be another one. */
const maxBytes = 1024 * 1024;
const fileContent = z.record(z.string(), z.unknown()).nullable();

/**
 * Options out of the file that `LATCHKEY_CONFIG_FILE` names, under what the environment says itself: a variable wins over
 * the file. The file is YAML or JSON; its keys are the options' names without `LATCHKEY_`, in camel case (`cameraFps` is
 * `LATCHKEY_CAMERA_FPS`), and what has parts (`cameras`, `door`) is written out.
 * @param names every option that the file may hold.
 * @throws LatchkeyError `missing-file` when there is no such file, `config-invalid` when it is not of that form.
 */
export function withConfigFile(environment: Environment, names: readonly string[]): Environment {
  const path = environment.LATCHKEY_CONFIG_FILE;
  if (path === undefined || path === '') return environment;
  const options = new Map(names.map((name) => [keyOf(name), name]));
  const entries = Object.entries(contentOf(path));
  const unknown = entries.map(([key]) => key).filter((key) => !options.has(key));
  if (unknown.length > 0) {
    throw invalid(path, `has no option "${unknown.join('", "')}"; it may hold ${[...options.keys()].join(', ')}`);
  }
  const read = entries.map(([key, value]) => [options.get(key) ?? key, textOf(value)] as const);
  const said = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return { ...Object.fromEntries(read), ...Object.fromEntries(said) };
}

function keyOf(name: string): string {
  const [first = '', ...rest] = name
    .replace(/^LATCHKEY_/, '')
    .toLowerCase()
    .split('_');
  return [first, ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

function textOf(value: unknown): string | undefined {
  if (value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function contentOf(path: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('missing-file', `The file of options "${path}" cannot be read; see LATCHKEY_CONFIG_FILE.`, {
      cause,
    });
  }
  if (text.length > maxBytes) throw invalid(path, 'is larger than 1 MB');
  let content: unknown;
  try {
    // JSON is YAML. Aliases are refused: a few of them can be made to mean gigabytes.
    content = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(path, `is neither YAML nor JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  const parsed = fileContent.safeParse(content);
  if (!parsed.success) throw invalid(path, 'does not hold options with values');
  return parsed.data ?? {};
}

function invalid(path: string, what: string): LatchkeyError {
  return new LatchkeyError('config-invalid', `The file of options "${path}" ${what}.`);
}

import { z } from 'zod';
import { agentOptions } from './agent.config.ts';
import { centralOptions } from './central.config.ts';
import { cliOptions } from './cli.config.ts';
import { upOptions } from './up.config.ts';

const readers = [
  ['npm start', upOptions],
  ['central', centralOptions],
  ['agent', agentOptions],
  ['latchkey', cliOptions],
] as const;

interface OptionRow {
  readonly readBy: string[];
  readonly fallback: string;
  readonly meaning: string;
}

/**
 * Every option of every process as a Markdown table, made of the schemas that read them: variable, default, who reads it and
 * what it means. What `npm start` reads it also passes on to the processes that it starts.
 */
export function optionsTable(): string {
  const rows = new Map<string, OptionRow>();
  for (const [reader, schema] of readers) {
    for (const [name, option] of Object.entries(z.toJSONSchema(schema, { io: 'input' }).properties ?? {})) {
      if (typeof option === 'boolean') continue;
      const known = rows.get(name);
      if (known) known.readBy.push(reader);
      else
        rows.set(name, { readBy: [reader], fallback: fallbackOf(option.default), meaning: option.description ?? '' });
    }
  }
  const lines = [...rows].sort(([a], [b]) => a.localeCompare(b)).map(([name, row]) => lineOf(name, row));
  return ['| variable | default | read by | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function fallbackOf(value: unknown): string {
  return value === undefined ? '' : `\`${String(value)}\``;
}

function lineOf(name: string, { readBy, fallback, meaning }: OptionRow): string {
  return `| \`${name}\` | ${fallback} | ${readBy.join(', ')} | ${meaning.replaceAll('|', '\\|')} |`;
}

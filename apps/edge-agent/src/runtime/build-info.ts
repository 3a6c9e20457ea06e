import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What this build of the agent is. */
export interface BuildInfo {
  readonly version: string;
  /** When it was built: no clock that shows less can be right (PROTOCOL.md §5). */
  readonly builtAt: number;
}

/** Version out of the package's manifest, date of this very file. */
export function readBuildInfo(): BuildInfo {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return {
    version: z.object({ version: z.string() }).parse(manifest).version,
    builtAt: Math.floor(statSync(fileURLToPath(import.meta.url)).mtimeMs),
  };
}

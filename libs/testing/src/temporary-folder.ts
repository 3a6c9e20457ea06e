import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test. */
export interface TemporaryFolder {
  readonly path: string;
  /** Path of something in it. */
  file(name: string): string;
  /** Removes the folder and all that is in it. May be called twice. */
  remove(): void;
}

/** Makes an empty folder that the test removes. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

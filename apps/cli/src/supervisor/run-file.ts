import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What users' scripts read from `DIR/run.json` while everything runs. */
export interface RunInfo {
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly databaseUrl: string;
  /** Password null: it was changed and is no longer known here. */
  readonly admin: { readonly email: string; readonly password: string | null };
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** The file `run.json` of a data folder: there while everything is ready, readable by its owner only. */
export class RunFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'run.json');
  }

  /** Replaces the file whole, so that a reader never sees half of it. */
  write(info: RunInfo): void {
    const partial = `${this.#path}.${process.pid}.partial`;
    writeFileSync(partial, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
    renameSync(partial, this.#path);
  }

  /** Removes the file; one that is not there is no error. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

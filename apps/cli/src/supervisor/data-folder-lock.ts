import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { processStartTime } from '@latchkey/embedded';
import { z } from 'zod';

const processRecord = z.strictObject({
  name: z.string(),
  pid: z.number().int().positive(),
  /** With the pid, names one process for good. */
  startTime: z.string(),
});
/** A process that works on a data folder. */
export type ProcessRecord = z.infer<typeof processRecord>;

const lockContent = z.strictObject({ holder: processRecord, children: z.array(processRecord) });
type LockContent = z.infer<typeof lockContent>;

/** The record of a process that runs; null when it does not. */
export function recordOf(name: string, pid: number): ProcessRecord | null {
  const startTime = processStartTime(pid);
  return startTime === null ? null : { name, pid, startTime };
}

/** Whether a recorded process still runs, and not another that was given its number. */
export function stillRuns({ pid, startTime }: ProcessRecord): boolean {
  return processStartTime(pid) === startTime;
}

/**
 * Lets one supervisor at a time work on a data folder (`up.lock`), and tells the next one which children a killed one left.
 * A lock whose holder has died is void.
 */
export class DataFolderLock {
  readonly #path: string;
  #content: LockContent | null = null;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'up.lock');
  }

  /** Whether this object holds the lock. */
  get isHeld(): boolean {
    return this.#content !== null;
  }

  /**
   * Takes the lock.
   * @returns children of the last holder that still run, to be ended before new ones start.
   * @throws LatchkeyError `storage-failed` when somebody else holds it.
   */
  acquire(): readonly ProcessRecord[] {
    const holder = recordOf('supervisor', process.pid);
    if (!holder) throw new LatchkeyError('internal', 'This process has no start time; is /proc readable?');
    const content: LockContent = { holder, children: [] };
    const partial = this.#writePartial(content);
    try {
      const left: ProcessRecord[] = [];
      for (;;) {
        try {
          // A link is made whole or not at all, and by one process only.
          linkSync(partial, this.#path);
          this.#content = content;
          return left.filter(stillRuns);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const other = this.#read();
        if (other && stillRuns(other.holder)) throw held(this.#path, other.holder.pid);
        left.push(...(other?.children ?? []));
        rmSync(this.#path, { force: true });
      }
    } finally {
      rmSync(partial, { force: true });
    }
  }

  /** Writes down which children run, for the case that this process is killed. */
  record(children: readonly ProcessRecord[]): void {
    if (!this.#content) return;
    this.#content = { ...this.#content, children: [...children] };
    renameSync(this.#writePartial(this.#content), this.#path);
  }

  /** Gives the lock back; may be called twice. */
  release(): void {
    if (this.#content) rmSync(this.#path, { force: true });
    this.#content = null;
  }

  #read(): LockContent | null {
    try {
      return lockContent.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return null;
    }
  }

  #writePartial(content: LockContent): string {
    const partial = `${this.#path}.${process.pid}.partial`;
    writeFileSync(partial, JSON.stringify(content), { mode: 0o600 });
    return partial;
  }
}

function held(path: string, pid: number): LatchkeyError {
  return new LatchkeyError(
    'storage-failed',
    `Latchkey already runs on this folder (process ${pid}, ${path}); stop it with Ctrl-C there or "kill ${pid}", or pass another --data.`,
    { details: { pid } },
  );
}

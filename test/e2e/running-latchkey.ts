import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProcessAlive } from '@latchkey/embedded';
import { eventually, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { z } from 'zod';

const runInfo = z.object({
  httpUrl: z.url(),
  admin: z.object({ email: z.string(), password: z.string() }),
  processes: z.array(z.object({ name: z.string(), pid: z.number() })),
});
type RunInfo = z.infer<typeof runInfo>;

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const dashboard = fileURLToPath(new URL('../../apps/dashboard/dist/index.html', import.meta.url));

const stopWithinMs = 30_000;

/** The whole system as a user starts it: database, broker, central with the dashboard, and the demo agent. */
export class RunningLatchkey {
  readonly #folder: TemporaryFolder;
  readonly #process: ChildProcess;
  readonly info: RunInfo;

  private constructor(folder: TemporaryFolder, process: ChildProcess, info: RunInfo) {
    this.#folder = folder;
    this.#process = process;
    this.info = info;
  }

  /** Starts everything with an empty data folder and waits until it is ready. */
  static async start(): Promise<RunningLatchkey> {
    for (const file of [cli, dashboard]) {
      if (!existsSync(file)) throw new Error(`${file} is missing; run "npm run build" first.`);
    }
    const folder = temporaryFolder();
    // As root, the database runs as a user of its own and has to reach its folder.
    chmodSync(folder.path, 0o755);
    const data = folder.file('data');
    const child = spawn(process.execPath, [cli, 'up', '--port', '0', '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: dirname(dirname(dirname(cli))),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    try {
      const info = await eventually(
        'run.json',
        () => {
          if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
          return existsSync(`${data}/run.json`)
            ? runInfo.parse(JSON.parse(readFileSync(`${data}/run.json`, 'utf8')))
            : null;
        },
        120_000,
      );
      return new RunningLatchkey(folder, child, info);
    } catch (cause) {
      child.kill('SIGKILL');
      throw new Error(`Latchkey did not start:\n${output}`, { cause });
    }
  }

  /** Stops everything as Ctrl-C does, and gives the names of processes that are still there (they are killed then). */
  async stop(): Promise<string[]> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGINT');
      await once(this.#process, 'exit', { signal: AbortSignal.timeout(stopWithinMs) }).catch(() => {});
    }
    const left = this.info.processes.filter(({ pid }) => isProcessAlive(pid));
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    this.#folder.remove();
    return left.map(({ name }) => name);
  }
}

import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env: Record<string, string>;
  /** Ends the command and everything that it started. */
  readonly signal: AbortSignal;
  /** File to which its output is added. */
  readonly log?: string;
}

/** How a command ended. */
export interface CommandResult {
  readonly ok: boolean;
  /** In words: an exit code, a signal, or that there is no such program. */
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is kept of each stream. */
const keptCharacters = 200_000;

/** After a signal that asks, how long until one that does not. */
const killAfterMs = 5_000;

/**
 * Runs a program to its end.
 * @throws whatever `signal` is aborted with, once the program has ended.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const result = await run(command, args, options);
  if (options.log !== undefined) {
    const text = `$ ${[command, ...args].join(' ')}\n${result.stdout}${result.stderr}(${result.end})\n\n`;
    await appendFile(options.log, text).catch(() => undefined);
  }
  options.signal.throwIfAborted();
  return result;
}

function run(command: string, args: readonly string[], { cwd, env, signal }: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    // A group of its own, so that a compiler that npm started ends with it.
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] = (texts[stream] + text).slice(-keptCharacters);
      });
    }
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      killGroup(child.pid, 'SIGTERM');
      timer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), killAfterMs);
    };
    signal.addEventListener('abort', stop, { once: true });
    const settle = (ok: boolean, end: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ ok, end, ...texts });
    };
    child.once('error', (error) => settle(false, error.message));
    child.once('close', (code, killedBy) =>
      settle(code === 0, killedBy ? `ended by ${killedBy}` : `exit code ${code}`),
    );
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}

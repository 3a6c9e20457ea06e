import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '@latchkey/config';
import { endsWithin } from '../runtime/ends-within.ts';

/** A program with its arguments, as it is started: never a line for a shell. */
export interface ProgramLaunch {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads on its standard input: secrets, which everybody could read among its arguments. */
  readonly stdin: string | null;
}

/** The descriptor on which a program gives its frames: 1 is used by NVIDIA's elements for messages. */
export const framesFd = 3;

/** What is kept of what a program says. */
const keptCharacters = 8_000;
/** After a signal that asks, how long until one that does not; both fit into the time that an agent has to stop. */
const killAfterMs = 700;
/** A program that hangs in the kernel does not even end then. */
const giveUpAfterMs = 1_000;

/** A running program that gives frames. */
export class CameraProgram {
  /** Bytes of frames. */
  readonly frames: Readable;
  /** Resolves when it has ended, or could not be started, in words: null for an orderly end. */
  readonly ended: Promise<string | null>;
  private readonly child: ChildProcess;
  private said = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    this.frames = child.stdio[framesFd] as Readable;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-keptCharacters);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      child.once('close', (code, signal) => resolve(signal ?? (code === 0 ? null : `exit code ${code}`)));
    });
  }

  /**
   * Starts it in a process group of its own. Where the system can, it dies with this process, however that ends; everywhere
   * it ends when it next writes a frame and nobody is left to read it.
   */
  static async start({ program, args, stdin }: ProgramLaunch): Promise<CameraProgram> {
    const [command = program, ...before] = [...(await diesWithParent()), program];
    const child = spawn(command, [...before, ...args], {
      stdio: [stdin === null ? 'ignore' : 'pipe', 'ignore', 'pipe', 'pipe'],
      detached: true,
      // English messages, which are read; and nothing of the passwords of cameras and relays.
      env: childEnvironment({
        LC_ALL: 'C',
        LATCHKEY_CAMERA: undefined,
        LATCHKEY_CAMERAS: undefined,
        LATCHKEY_DOOR_HARDWARE: undefined,
      }),
    });
    // A program that ends before it has read its input is no fault of this process.
    child.stdin?.on('error', () => undefined).end(stdin ?? '');
    return new CameraProgram(child);
  }

  /** The last of what it said on standard error. */
  get messages(): string {
    return this.said;
  }

  /** Ends it and what it started: kindly, then by force. May be called twice. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    if (await endsWithin(this.ended, killAfterMs)) return;
    this.signal('SIGKILL');
    await endsWithin(this.ended, giveUpAfterMs);
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

let setpriv: Promise<readonly string[]> | null = null;

/** What is put before a command so that the kernel ends it with this process (`setpriv` of util-linux); nothing elsewhere. */
function diesWithParent(): Promise<readonly string[]> {
  const prefix = ['setpriv', '--pdeathsig', 'KILL', '--'];
  setpriv ??= programRuns('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).then((works) => (works ? prefix : []));
  return setpriv;
}

/** Whether a program is installed and ends without an error when it is run with these arguments. */
export function programRuns(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', env: childEnvironment({}), timeout: 10_000 });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

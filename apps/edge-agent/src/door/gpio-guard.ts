import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endsWithin } from '../runtime/ends-within.ts';
import type { GpioWords } from './gpio-arguments.ts';
import { gpioEnvironment } from './gpio-environment.ts';

/**
 * Runs a program for a time, then one that stays, and before it ends itself a last one; each is given as words between line
 * feeds, of which the first and the last may be none. What they say comes in order with what they print. It ends when it is told
 * to (a signal), and when its standard input closes: so it learns that the agent is gone, however that ended. Everything here
 * is of POSIX's shell.
 *
 * Nobody may be left to read what it prints: the signal for that (PIPE) would end it before the line is at rest, and is ignored.
 * The reader waits in the background, where a shell gives no input unless it is handed over (`3<&0`). A signal that comes while
 * a program is being started is seen after `child=$!`, and one that is lost on a program that is not quite there yet is followed
 * by one that cannot be. `wait` returns at each signal, so it is repeated until the child is gone; a signal just before it is only
 * seen when it returns, so the signals to end are repeated too.
 */
const script = `
set -f
IFS='
'
exec 2>&1
over= child= hard= code=0
trap '' PIPE
trap 'over=1; [ -z "$child" ] || end' TERM INT HUP
end() {
  kill "$child" 2>/dev/null
  [ -n "$hard" ] || { { sleep 0.2; kill -9 "$child"; } >/dev/null 2>&1 & hard=$!; }
}
exec 3<&0
{ read -r _ <&3; while kill -TERM $$; do sleep 0.1; done; } >/dev/null 2>&1 &
reader=$!
exec 3<&- </dev/null
run() {
  echo "begin $1"
  $2 & child=$!
  [ -z "$over" ] || end
  while :; do
    wait "$child"; code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  [ -z "$hard" ] || kill "$hard" 2>/dev/null
  echo "end $1 $code"
}
[ -z "$1" ] || run first "$1"
[ -n "$over" ] || run main "$2"
[ -z "$3" ] || $3
kill "$reader" 2>/dev/null
exit "$code"
`;

/** What a guard runs. */
export interface GpioGuardPlan {
  /** Runs for a time of its own; null: nothing. */
  readonly first: GpioWords | null;
  /** Runs until the guard is told to end. */
  readonly main: GpioWords;
  /** Runs when the guard ends; null: nothing. */
  readonly last: GpioWords | null;
}

/** What happened in a guard. */
export type GpioGuardEvent =
  /** A program of the plan is about to run. */
  | { readonly type: 'begin'; readonly what: 'first' | 'main' }
  /** It has ended; `messages`: what all have printed until now. */
  | { readonly type: 'end'; readonly what: 'first' | 'main'; readonly code: number; readonly messages: string }
  /** A program printed this. */
  | { readonly type: 'line'; readonly text: string };

/** What is kept of what the programs say. */
const keptCharacters = 4_000;
/** A signal may come when the shell does not look; it is repeated. */
const askEveryMs = 100;
/** After signals that ask, how long until one that does not; both fit into the time that an agent has to stop. */
const killAfterMs = 1_000;
/** A program that hangs in the kernel does not even end then. */
const giveUpAfterMs = 300;
/** How long what was said last may take to arrive. */
const drainMs = 200;

/**
 * A small shell that runs programs of libgpiod for the agent and outlives it for as long as it takes to leave the line at
 * rest: after `kill -9` of the agent too.
 */
export class GpioGuard {
  /** Resolves when it has ended, or could not be started, with how and what its programs said. */
  readonly ended: Promise<{ readonly end: string; readonly messages: string }>;
  private readonly child: ChildProcess;
  private messages = '';

  private constructor(child: ChildProcess, tell: (event: GpioGuardEvent) => void) {
    this.child = child;
    child.stdin?.on('error', () => undefined);
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (text) => tell(this.eventOf(text.trimEnd())));
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ end: error.code ?? error.message, messages: '' }),
      );
      child.once('exit', (code, signal) => {
        child.stdin?.destroy();
        // What it leaves when it was ended by force would hold the line.
        this.signalGroup('SIGTERM');
        const done = (): void => {
          child.stdout?.destroy();
          resolve({ end: signal ?? `exit code ${code}`, messages: this.messages });
        };
        const timer = setTimeout(done, drainMs);
        child.once('close', () => {
          clearTimeout(timer);
          done();
        });
      });
    });
  }

  /** @param folder where the programs are; null: wherever the system finds them. */
  static start(plan: GpioGuardPlan, folder: string | null, tell: (event: GpioGuardEvent) => void): GpioGuard {
    const words = [plan.first, plan.main, plan.last].map((each) => (each ? wordsIn(each, folder).join('\n') : ''));
    const child = spawn('/bin/sh', ['-c', script, 'latchkey-door', ...words], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // A group of its own: a key at the terminal must not end it before the agent does.
      detached: true,
      env: gpioEnvironment(),
    });
    return new GpioGuard(child, tell);
  }

  /** The process; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends it, the line being left at rest, by force when it does not end: another guard follows. May be called twice. */
  async stop(): Promise<void> {
    if (await this.leave()) return;
    this.signalGroup('SIGKILL');
    await endsWithin(this.ended, giveUpAfterMs);
  }

  /**
   * Tells it to end, the line being left at rest, and waits a while. One that hangs is left to itself: when it goes on it puts the
   * line to rest, and nobody else would.
   * @returns whether it has ended.
   */
  async leave(): Promise<boolean> {
    this.child.stdin?.destroy();
    this.signal('SIGTERM');
    const asking = setInterval(() => this.signal('SIGTERM'), askEveryMs);
    const ended = await endsWithin(this.ended, killAfterMs);
    clearInterval(asking);
    return ended;
  }

  private eventOf(text: string): GpioGuardEvent {
    const [, verb, what, code] = /^(begin|end) (first|main)(?: (\d+))?$/.exec(text) ?? [];
    if (what !== 'first' && what !== 'main') {
      this.messages = `${this.messages}${text}\n`.slice(-keptCharacters);
      return { type: 'line', text };
    }
    if (verb === 'begin') return { type: 'begin', what };
    return { type: 'end', what, code: Number(code), messages: this.messages };
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
  }

  private signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // Nothing of it is left.
    }
  }
}

/** The words with the program's whole path, if its folder is known. */
export function wordsIn([program, ...args]: GpioWords, folder: string | null): GpioWords {
  return [folder === null ? program : `${folder}/${program}`, ...args];
}

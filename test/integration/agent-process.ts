import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ChildMessage, childMessage } from '@latchkey/contracts';

const program = fileURLToPath(new URL('../../apps/edge-agent/dist/main.js', import.meta.url));

/** The edge agent as it is installed: its compiled program in a process of its own, supervised over IPC. */
export class AgentProcess {
  /** What it told its supervisor, oldest first. */
  readonly messages: ChildMessage[] = [];
  /** Its log. */
  readonly lines: string[] = [];
  private readonly environment: Readonly<Record<string, string>>;
  private child: ChildProcess | null = null;
  /** Its exit code, once it has ended; null when a signal ended it. */
  exit: Promise<number | null> = Promise.resolve(null);

  constructor(environment: Readonly<Record<string, string>>) {
    this.environment = environment;
  }

  /** Whether frames are analysed. */
  get ready(): boolean {
    return this.messages.some(({ type }) => type === 'agent-ready');
  }

  /** Starts it. */
  start(): void {
    if (!existsSync(program)) throw new Error('The agent is not compiled; run `npx tsc -b apps/edge-agent`.');
    this.messages.splice(0);
    const child = fork(program, [], {
      env: { PATH: process.env.PATH, ...this.environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.on('message', (message) => this.messages.push(childMessage.parse(message)));
    if (child.stderr) createInterface(child.stderr).on('line', (line) => this.lines.push(line));
    this.exit = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    this.child = child;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.exit;
  }

  /** Ends it in order, in one of the ways that there are, and gives its exit code. */
  stop(how: 'message' | 'disconnect' | 'SIGTERM' | 'SIGINT' = 'message'): Promise<number | null> {
    if (how === 'message') this.child?.send({ type: 'stop' });
    else if (how === 'disconnect') this.child?.disconnect();
    else this.child?.kill(how);
    return this.exit;
  }
}

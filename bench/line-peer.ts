import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** How a peer is started. */
export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a peer may take to load, and for one frame. */
const patienceMs = 120_000;

/**
 * A program that does what we do, kept running beside us so that both are measured in turn: it says `ready N` with the
 * number of faces that it sees, then answers each line with `done` when it has done the work once more.
 */
export class LinePeer {
  /** Faces that it sees in the frame. */
  readonly faces: number;
  readonly #child: ChildProcess;
  readonly #lines: Lines;

  private constructor(child: ChildProcess, lines: Lines, faces: number) {
    this.#child = child;
    this.#lines = lines;
    this.faces = faces;
  }

  /** @throws Error with the last line that it wrote when it does not get ready. */
  static async start({ command, args, env }: PeerCommand): Promise<LinePeer> {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = new Lines(child);
    for (;;) {
      const line = await lines.next();
      // Libraries greet on standard output too.
      const ready = /^ready (\d+)$/.exec(line);
      if (ready) return new LinePeer(child, lines, Number(ready[1]));
    }
  }

  /** The work once. */
  async run(): Promise<void> {
    this.#child.stdin?.write('\n');
    while ((await this.#lines.next()) !== 'done');
  }

  /** Ends the program. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Lines of a program, or why there are no more. */
class Lines {
  readonly #child: ChildProcess;
  readonly #interface: AsyncIterator<string>;
  readonly #reader: Interface;
  #errors = '';
  #failure: Error | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout || !child.stderr) throw new Error('A peer needs pipes.');
    this.#reader = createInterface({ input: child.stdout });
    this.#interface = this.#reader[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    child.once('error', (error) => {
      this.#failure = error;
      this.#reader.close();
    });
  }

  async next(): Promise<string> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    const { value, done } = await this.#interface.next().finally(() => clearTimeout(timer));
    if (!done) return value;
    throw this.#failure ?? new Error(this.#errors.trim().split('\n').at(-1) || 'it ended');
  }
}

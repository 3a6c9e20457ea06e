import { LatchkeyError } from '@latchkey/domain';
import { Presets, SingleBar } from 'cli-progress';
import type { Command } from 'commander';

/** Items from which on a terminal shows a bar, and something that is no terminal gets lines. */
const barFrom = 10;
const linesFrom = 100;

/** Shows how far one long thing is. */
export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** Where a command's words go: results to stdout, as text or as one JSON value a line; everything else to stderr. */
export class Output {
  readonly #json: boolean;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;

  constructor(json: boolean, stdout: NodeJS.WriteStream = process.stdout, stderr: NodeJS.WriteStream = process.stderr) {
    this.#json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Whether results are for machines. */
  get isJson(): boolean {
    return this.#json;
  }

  /** The command's result: `text` for people, `value` for machines. */
  result(text: string, value: unknown): void {
    this.#stdout.write(`${this.#json ? JSON.stringify(value) : text}\n`);
  }

  /** A line beside the result; not written with `--json`. */
  note(line: string): void {
    if (!this.#json) this.#stderr.write(`${line}\n`);
  }

  /** What only somebody who watches wants to know: a note on a terminal, nothing in a script. */
  detail(line: string): void {
    if (this.#stderr.isTTY) this.note(line);
  }

  /** Why the command, or the part of it that `about` names, failed: text on stderr, with `--json` an object on stdout. */
  failure(error: unknown, about: Readonly<Record<string, unknown>> = {}): void {
    const code = error instanceof LatchkeyError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    if (this.#json) this.#stdout.write(`${JSON.stringify({ ...about, error: { code, message } })}\n`);
    else this.#stderr.write(`latchkey: ${code}: ${message}\n`);
    if (!(error instanceof LatchkeyError) && error instanceof Error) this.#stderr.write(`${error.stack}\n`);
  }

  /**
   * How far one thing is: a bar on a terminal, elsewhere a line for every tenth.
   * @param unit of the numbers: `MB` for a transfer counted in bytes.
   */
  progress(title: string, unit: 'MB' | 'files'): Progress {
    const factor = unit === 'MB' ? 1e-6 : 1;
    const shown = (value: number): string => (unit === 'MB' ? value.toFixed(1) : String(value));
    if (this.#json) return { update: () => undefined, stop: () => undefined };
    if (!this.#stderr.isTTY) {
      let tenths = 0;
      return {
        update: (done, total) => {
          const now = Math.floor((done * 10) / total);
          if (now > tenths) this.note(`${title}: ${shown(done * factor)} of ${shown(total * factor)} ${unit}`);
          tenths = Math.max(now, tenths);
        },
        stop: () => undefined,
      };
    }
    const format = `${title} {bar} {value}/{total} ${unit}, {eta_formatted} left`;
    const bar = new SingleBar(
      {
        format,
        stream: this.#stderr,
        hideCursor: true,
        formatValue: (value, _, type) => (type === 'value' || type === 'total' ? shown(value) : String(value)),
      },
      Presets.shades_classic,
    );
    let started = false;
    return {
      update: (done, total) => {
        if (!started) bar.start(total * factor, done * factor);
        started = true;
        bar.update(done * factor);
      },
      stop: () => bar.stop(),
    };
  }

  /** Works through a list: on a terminal with a progress bar, elsewhere with a line for every tenth of a long one. */
  async each<T, R>(title: string, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
    const quiet = this.#json || items.length < (this.#stderr.isTTY ? barFrom : linesFrom);
    const bar =
      !quiet && this.#stderr.isTTY
        ? new SingleBar(
            { format: `${title} {bar} {value}/{total}`, stream: this.#stderr, hideCursor: true },
            Presets.shades_classic,
          )
        : null;
    bar?.start(items.length, 0);
    try {
      const results: R[] = [];
      for (const [i, item] of items.entries()) {
        results.push(await work(item));
        bar?.update(i + 1);
        if (!quiet && !bar && isTenth(i + 1, items.length)) this.note(`${title} ${i + 1}/${items.length}`);
      }
      return results;
    } finally {
      bar?.stop();
    }
  }
}

function isTenth(done: number, total: number): boolean {
  return Math.floor((done * 10) / total) > Math.floor(((done - 1) * 10) / total);
}

/** The output that a command's `--json` asks for. */
export function outputOf(command: Command): Output {
  return new Output(command.optsWithGlobals<{ json?: boolean }>().json === true);
}

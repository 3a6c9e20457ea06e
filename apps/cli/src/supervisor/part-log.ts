import { copyFileSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { type ErrorCode, errorCodes } from '@latchkey/domain';
import { z } from 'zod';

const defaultMaxBytes = 10 * 1024 * 1024;
const lastLines = 6;

/** What of pino's lines tells why a process ended; level 50 is error, 60 fatal. */
const logLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string(), code: z.string().optional() }).optional(),
});

/** Why a process ended, as far as its log tells. */
export interface LastWords {
  /** The last lines that are errors, or no log lines at all (a stack of Node's); empty for one that was killed. */
  readonly text: string;
  /** The stable code of the last error, when it has one. */
  readonly code: ErrorCode | null;
}

/** Log file of one child process. Children write into it themselves, so that it holds their last words also when we die. */
export class PartLog {
  readonly path: string;
  #offset = 0;

  readonly #maxBytes: number;

  /** @param maxBytes from which size on {@link turnOver} sets the file aside. */
  constructor(path: string, maxBytes = defaultMaxBytes) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /**
   * A full file becomes `….1` and begins anew, also under a process that writes: it appends, so it goes on at the beginning.
   * Lines that come between copy and cut are lost.
   */
  turnOver(): void {
    if (this.#size() <= this.#maxBytes) return;
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path, 0);
    this.#offset = 0;
  }

  /** Opens the file for a new process to write to; the caller closes the descriptor. */
  open(): number {
    this.turnOver();
    this.#offset = this.#size();
    return openSync(this.path, 'a', 0o600);
  }

  /** Why the present process ended. */
  lastWords(): LastWords {
    const errors = readFrom(this.path, this.#offset)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap(asError);
    const text = errors.map((error) => error.text).slice(-lastLines);
    return { text: text.join('\n'), code: errors.at(-1)?.code ?? null };
  }

  #size(): number {
    try {
      return statSync(this.path).size;
    } catch {
      return 0;
    }
  }
}

function readFrom(path: string, offset: number): string {
  try {
    return readFileSync(path).subarray(offset).toString('utf8');
  } catch {
    return '';
  }
}

function asError(line: string): LastWords[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [{ text: line, code: null }];
  }
  const parsed = logLine.safeParse(value);
  if (!parsed.success || parsed.data.level < 50) return [];
  const { msg, err } = parsed.data;
  const parts = new Set([msg, err?.message].filter((part) => part !== undefined));
  return [{ text: [...parts].join(': '), code: asErrorCode(err?.code) }];
}

function asErrorCode(code: string | undefined): ErrorCode | null {
  return code !== undefined && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : null;
}

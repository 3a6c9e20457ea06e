import { spawn } from 'node:child_process';
import { describeGpioLine, type GpioLineConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { type GpioVersion, type GpioWords, gpioVersionOf, infoWords } from './gpio-arguments.ts';
import { gpioEnvironment } from './gpio-environment.ts';
import { gpioFailure } from './gpio-failure.ts';
import { GpioGuard, type GpioGuardEvent, type GpioGuardPlan, wordsIn } from './gpio-guard.ts';
import { type GpioLineInfo, parseGpioInfo } from './gpio-info.ts';

/** A program that only asks is done in milliseconds; one that hangs in a driver is not waited for. */
const answerMs = 3_000;

/** The command-line programs of libgpiod on this machine. */
export class GpioTools {
  private readonly folder: string | null;
  private known: GpioVersion | null = null;

  /** @param folder where the programs are; null: wherever the system finds them. */
  constructor(folder: string | null = null) {
    this.folder = folder;
  }

  /**
   * Which set of programs is installed; asked until it is known, since they may be installed meanwhile.
   * @throws LatchkeyError `door-program-missing`, `door-unavailable`.
   */
  async version(): Promise<GpioVersion> {
    if (this.known !== null) return this.known;
    const text = await this.ask(['gpioset', '--version']);
    this.known = gpioVersionOf(text);
    if (this.known !== null) return this.known;
    throw new LatchkeyError(
      'door-program-missing',
      `The installed gpioset is of no version that is known (1 and 2 are): ${text.split('\n')[0]?.slice(0, 100)}`,
    );
  }

  /**
   * A line as the programs take it: version 1 knows no names, so chip and offset are looked up.
   * @throws LatchkeyError `door-program-missing`, `door-unavailable`.
   */
  async locate<L extends GpioLineConfig>(config: L): Promise<L> {
    const { line } = config;
    if (typeof line === 'number' || (await this.version()) === 2) return config;
    const found = (await this.info(config.chip)).filter(({ name }) => name === line);
    const [only] = found;
    if (only && found.length === 1) return { ...config, chip: config.chip ?? only.chip, line: only.offset };
    throw new LatchkeyError(
      'door-unavailable',
      found.length === 0
        ? `There is no GPIO line named "${line}".`
        : `${found.length} GPIO lines are named "${line}"; say which chip is meant.`,
    );
  }

  /**
   * Whether a `gpioset` holds a line as an output: the kernel's word for it. For version 1, which says nothing.
   * @throws LatchkeyError `door-program-missing`, `door-unavailable`.
   */
  async isDriven(config: GpioLineConfig): Promise<boolean> {
    const lines = await this.info(config.chip);
    const line = lines.find(({ offset }) => offset === config.line);
    if (!line) throw new LatchkeyError('door-unavailable', `There is no ${describeGpioLine(config)}.`);
    return line.direction === 'output' && line.consumer === 'gpioset';
  }

  /**
   * What a program prints.
   * @throws LatchkeyError `door-program-missing`, `door-unavailable` when it fails or takes too long.
   */
  ask(words: GpioWords): Promise<string> {
    const [program, ...args] = wordsIn(words, this.folder);
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: gpioEnvironment() });
      const overdue = setTimeout(() => child.kill('SIGKILL'), answerMs);
      const said = { out: '', error: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said.out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.error += text;
      });
      child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(overdue);
        reject(gpioFailure(words[0], error.code ?? error.message, ''));
      });
      child.once('close', (code, signal) => {
        clearTimeout(overdue);
        if (code === 0) resolve(said.out);
        else reject(gpioFailure(words[0], signal ?? `exit code ${code}`, said.error));
      });
    });
  }

  /** Starts a guard with these programs. */
  guard(plan: GpioGuardPlan, tell: (event: GpioGuardEvent) => void): GpioGuard {
    return GpioGuard.start(plan, this.folder, tell);
  }

  private async info(chip: string | undefined): Promise<GpioLineInfo[]> {
    return parseGpioInfo(await this.ask(infoWords(chip)));
  }
}

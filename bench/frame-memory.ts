import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Figure, figureOf } from './figure.ts';

const defaultFrames = 10_000;

/** Parts of a run whose means are compared; the first two warm up. */
const parts = 10;
const warmUpParts = 2;

const goalPercent = 2;

/** What a process says of one part of its frames. */
export interface PartOfFrames {
  readonly frames: number;
  /** Mean resident memory over the part, in MiB. */
  readonly residentMiB: number;
}

/**
 * Frames by the thousand through an analyzer, in a process of its own: resident memory stays where it is once caches and
 * allocators have found their size. In the worker thread, as the agent does it, and in the main thread.
 * @param flags `--frames=N` for another number than 10,000, `--mode=worker` or `--mode=thread` for one of both.
 */
export async function measureFrameMemory(flags: readonly string[]): Promise<readonly Figure[]> {
  const value = (name: string): string | undefined =>
    flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
  const frames = Number(value('frames') ?? defaultFrames);
  const mode = value('mode');
  const figures: Figure[] = [];
  for (const each of mode ? [mode] : ['worker', 'thread']) figures.push(await measureMode(each, frames));
  return figures;
}

async function measureMode(mode: string, frames: number): Promise<Figure> {
  const means: number[] = [];
  for await (const part of partsOf(mode, frames)) {
    console.error(`${mode}: ${part.frames} frames, ${part.residentMiB.toFixed(1)} MiB`);
    means.push(part.residentMiB);
  }
  // What V8 gives back in a quiet moment is no fault: only more is.
  const [first = Number.NaN, ...later] = means.slice(warmUpParts);
  const growth = Math.max(...later) / first - 1;
  return figureOf({
    id: `frame-memory.${mode}`,
    value: 100 * growth,
    unit: `% more than the ${first.toFixed(0)} MiB after ${(frames * (warmUpParts + 1)) / parts} frames, at most, of ${frames}`,
    goal: goalPercent,
    higherIsBetter: false,
  });
}

async function* partsOf(mode: string, frames: number): AsyncGenerator<PartOfFrames> {
  const program = fileURLToPath(new URL('frame-memory-process.js', import.meta.url));
  const args = [program, mode, String(frames), String(Math.ceil(frames / parts))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as PartOfFrames;
  const code = await ended;
  if (code !== 0) throw new Error(`frame-memory: the process with the ${mode} ended with ${code}.`);
}

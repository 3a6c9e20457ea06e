import { LatchkeyError } from '@latchkey/domain';
import { readEngineChoice } from './engine-choice.ts';
import { type EngineChoice, type EngineName, engineNames, type InferenceEngine } from './inference-engine.ts';
import { openOnnx } from './open-onnx.ts';
import { openTensorflow } from './open-tensorflow.ts';
import { openWasm } from './open-wasm.ts';
import { TfjsEngine } from './tfjs-engine.ts';

/** Whether one engine can be used on this machine. */
export interface EngineReport {
  readonly name: EngineName;
  readonly available: boolean;
  /** What it is when it loads; why it does not and what to do otherwise. */
  readonly reason: string;
}

type Opened = { readonly engine: InferenceEngine } | { readonly reason: string };

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';

/** Where engines are looked for. */
export interface EngineOptions {
  /**
   * Folder with what `latchkey engine install` built and the choice that `engine bench` kept; Latchkey's own packages are
   * used when it is not given or has none.
   */
  readonly engineDir?: string | undefined;
  /**
   * Cores on which ONNX Runtime computes one picture, 1 … 64. Default 1: pictures of several workers use more cores better
   * (DESIGN.md §3), and a door's other work needs some. TensorFlow takes all cores, WASM one.
   */
  readonly engineThreads?: number | undefined;
}

const openers: Readonly<Record<EngineName, (options: EngineOptions) => Promise<Opened>>> = {
  async onnx(options) {
    try {
      return { engine: await openOnnx(options) };
    } catch (error) {
      return {
        reason: `onnxruntime-node does not load (${firstLine(error)}); it needs glibc 2.28 or newer on Linux, and npm ci.`,
      };
    }
  },
  async tensorflow({ engineDir }) {
    const opened = await openTensorflow(engineDir);
    if ('reasons' in opened) {
      return { reason: `${opened.reasons.join('; ')}; run "latchkey engine install tensorflow".` };
    }
    return { engine: new TfjsEngine(opened.backend) };
  },
  async wasm() {
    try {
      return { engine: new TfjsEngine(await openWasm()) };
    } catch (error) {
      return { reason: `@tensorflow/tfjs-backend-wasm does not load (${firstLine(error)}); run npm ci.` };
    }
  },
};

/** Tries every engine and says which load and why the others do not. Never throws. */
export async function listEngines(options: EngineOptions = {}): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const name of engineNames) {
    const opened = await openers[name](options);
    if ('engine' in opened) {
      reports.push({ name, available: true, reason: opened.engine.description });
      await opened.engine.dispose();
    } else {
      reports.push({ name, available: false, reason: opened.reason });
    }
  }
  return reports;
}

/** Every engine that loads here, fastest first; the caller disposes of them. For comparisons and measurements. */
export async function openEveryEngine(options: EngineOptions = {}): Promise<readonly InferenceEngine[]> {
  const engines: InferenceEngine[] = [];
  for (const name of engineNames) {
    const opened = await openers[name](options);
    if ('engine' in opened) engines.push(opened.engine);
  }
  return engines;
}

/**
 * Opens one engine and no other in its place.
 * @throws LatchkeyError `engine-unavailable` with the reason when it does not load.
 */
export async function openOneEngine(name: EngineName, options: EngineOptions = {}): Promise<InferenceEngine> {
  const opened = await openers[name](options);
  if ('engine' in opened) return opened.engine;
  throw new LatchkeyError('engine-unavailable', `The engine ${name} does not load here: ${opened.reason}`);
}

/**
 * Opens the engine that was asked for; `auto` takes the one that `latchkey engine bench` found fastest on this machine, else
 * the first that loads. An engine that was asked for by name and does not load is replaced by the first that does, so that
 * a door keeps working after an update.
 * @param onProgress told in one line which engine it is, by what it was chosen, and why others are not.
 * @throws LatchkeyError `engine-unavailable` when none loads, with the reason of each.
 */
export async function openEngine(
  choice: EngineChoice,
  onProgress: (line: string) => void,
  options: EngineOptions = {},
): Promise<InferenceEngine> {
  const reasons: string[] = [];
  if (choice === 'auto') {
    const fastest = await openFastest(options);
    if ('engine' in fastest) {
      onProgress(fastest.line);
      return fastest.engine;
    }
    reasons.push(...fastest.reasons);
  }
  const wanted = choice === 'auto' ? engineNames : [choice, ...engineNames.filter((name) => name !== choice)];
  for (const [i, name] of wanted.entries()) {
    const opened = await openers[name](options);
    if ('engine' in opened) {
      const later = wanted.slice(i + 1);
      const untried = choice === name || later.length === 0 ? [] : [`not tried, as slower: ${later.join(', ')}`];
      onProgress([`inference by ${opened.engine.description}`, ...reasons, ...untried].join('; '));
      return opened.engine;
    }
    reasons.push(`${name}: ${opened.reason}`);
  }
  throw new LatchkeyError('engine-unavailable', `No inference engine loads here. ${reasons.join(' ')}`);
}

/** The engine of the kept choice, when it is the very one that was measured; else why not, if there is a choice. */
async function openFastest(
  options: EngineOptions,
): Promise<{ readonly engine: InferenceEngine; readonly line: string } | { readonly reasons: readonly string[] }> {
  const kept = options.engineDir === undefined ? null : await readEngineChoice(options.engineDir);
  if (!kept) return { reasons: [] };
  const opened = await openers[kept.engine](options);
  if ('engine' in opened && opened.engine.description === kept.description) {
    const line = `inference by ${kept.description}, by bench: ${kept.faceMs.toFixed(1)} ms a face`;
    return { engine: opened.engine, line };
  }
  if ('engine' in opened) await opened.engine.dispose();
  const found = 'engine' in opened ? `is now ${opened.engine.description}` : 'does not load';
  return { reasons: [`${kept.description}, the choice of "latchkey engine bench", ${found}: run it again`] };
}

import type { Worker } from 'node:worker_threads';
import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import { encodedFaces } from '../analyze/encoded-faces.ts';
import type {
  AnalyzeOptions,
  EncoderCard,
  FaceAnalyzer,
  FaceObservation,
  LookOptions,
  SeenFace,
} from '../analyze/face-analyzer.ts';
import type { EngineName } from '../engines/inference-engine.ts';
import { AnalyzerThread } from './analyzer-thread.ts';

/** A thread that dies sooner is not replaced before somebody needs it: else a broken machine would start threads without end. */
const MIN_LIFE_MS = 1_000;

/** The caller's side of an analyzer in a worker thread; replaces a thread that died. */
export class WorkerFaceAnalyzer implements FaceAnalyzer {
  readonly model: EncoderCard;
  readonly detector: string;
  readonly engine: EngineName;
  readonly #spawn: () => Worker;
  readonly #onProgress: (line: string) => void;
  #thread: Promise<AnalyzerThread>;
  #disposed = false;

  private constructor(spawn: () => Worker, onProgress: (line: string) => void, first: AnalyzerThread) {
    this.#spawn = spawn;
    this.#onProgress = onProgress;
    this.model = first.model;
    this.detector = first.detector;
    this.engine = first.engine;
    this.#thread = Promise.resolve(first);
    this.#watch(first);
  }

  /**
   * Starts the first thread and waits until it is ready.
   * @param spawn starts a worker thread that runs `worker.ts`.
   * @throws LatchkeyError what the thread reports when it cannot load its networks.
   */
  static async start(spawn: () => Worker, onProgress: (line: string) => void): Promise<WorkerFaceAnalyzer> {
    return new WorkerFaceAnalyzer(spawn, onProgress, await AnalyzerThread.start(spawn(), onProgress));
  }

  async analyze(image: RgbImage, options: AnalyzeOptions = {}): Promise<readonly FaceObservation[]> {
    return encodedFaces(await this.#ask(image, options));
  }

  look(image: RgbImage, options: LookOptions): Promise<readonly SeenFace[]> {
    return this.#ask(image, options);
  }

  async #ask(image: RgbImage, options: AnalyzeOptions & Partial<LookOptions>): Promise<readonly SeenFace[]> {
    options.signal?.throwIfAborted();
    if (this.#disposed) throw disposedError();
    const thread = await this.#running();
    return thread.analyze(image, options);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const thread = await this.#thread.catch(() => null);
    await thread?.dispose();
  }

  /** The running thread; one that could not be started is tried again, once per call. */
  #running(): Promise<AnalyzerThread> {
    const current = this.#thread;
    return current.catch(() => {
      if (this.#disposed) throw disposedError();
      // Of several callers that wait for the same failure the first starts the new thread.
      if (this.#thread === current) this.#restart();
      return this.#thread;
    });
  }

  #watch(thread: AnalyzerThread): void {
    const started = performance.now();
    void thread.stopped.then((reason) => {
      if (this.#disposed) return;
      this.#onProgress(`the face analysis thread stopped (${reason}); starting a new one`);
      if (performance.now() - started >= MIN_LIFE_MS) this.#restart();
      else this.#forget(reason);
    });
  }

  /** Leaves no thread: the next analysis starts one. */
  #forget(reason: string): void {
    const none = Promise.reject<AnalyzerThread>(
      new LatchkeyError('engine-unavailable', `The face analysis thread stopped: ${reason}. Try again.`),
    );
    none.catch(() => undefined);
    this.#thread = none;
  }

  #restart(): void {
    const starting = AnalyzerThread.start(this.#spawn(), this.#onProgress).then(async (thread) => {
      if (this.#disposed) {
        await thread.dispose();
        throw disposedError();
      }
      this.#watch(thread);
      return thread;
    });
    // Whoever analyses next learns of a failure; until then it must not end the process.
    starting.catch(() => undefined);
    this.#thread = starting;
  }
}

function disposedError(): LatchkeyError {
  return new LatchkeyError('engine-unavailable', 'The face analyzer was disposed of; create a new one.');
}

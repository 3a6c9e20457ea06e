import type { Worker } from 'node:worker_threads';
import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import type { AnalyzeOptions, EncoderCard, LookOptions, SeenFace } from '../analyze/face-analyzer.ts';
import type { EngineName } from '../engines/inference-engine.ts';
import { PictureMemory } from './picture-memory.ts';
import { unpackError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

/** How long a thread may take to give its memory back before it is ended. */
const DISPOSE_TIMEOUT_MS = 5_000;

type Ready = Extract<WorkerReply, { type: 'ready' }>;

interface Pending {
  readonly resolve: (faces: readonly SeenFace[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One worker thread with a loaded analyzer, from `ready` to its end. */
export class AnalyzerThread {
  readonly model: EncoderCard;
  readonly detector: string;
  readonly engine: EngineName;
  /** Resolves with the reason when the thread has ended, whatever the cause. */
  readonly stopped: Promise<string>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #pictures = new PictureMemory();
  #nextId = 0;
  #ended = false;

  private constructor(worker: Worker, { model, detector, engine }: Ready) {
    this.#worker = worker;
    this.model = model;
    this.detector = detector;
    this.engine = engine;
    let lastError = '';
    worker.on('error', (error) => {
      lastError = error instanceof Error ? error.message : String(error);
    });
    worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.stopped = new Promise((resolve) => {
      worker.once('exit', (code) => {
        const reason = lastError || `exit code ${code}`;
        this.#end(reason);
        resolve(reason);
      });
    });
  }

  /**
   * Waits until a worker has loaded its networks.
   * @throws LatchkeyError as the worker reports it, or `engine-unavailable` when it ends before it is ready.
   */
  static start(worker: Worker, onProgress: (line: string) => void): Promise<AnalyzerThread> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void =>
        reject(new LatchkeyError('engine-unavailable', `The face analysis thread did not start: ${reason}`, { cause }));
      const onError = (error: unknown): void => fail(error instanceof Error ? error.message : String(error), error);
      const onExit = (code: number): void => fail(`exit code ${code}`);
      worker.on('error', onError);
      worker.once('exit', onExit);
      worker.on('message', (reply: WorkerReply) => {
        if (reply.type === 'progress') onProgress(reply.line);
        else if (reply.type === 'failed') reject(unpackError(reply.error));
        else if (reply.type === 'ready') {
          resolve(new AnalyzerThread(worker, reply));
          worker.off('error', onError);
          worker.off('exit', onExit);
        }
      });
    });
  }

  /** With a plan {@link FaceAnalyzer.look}, without one every face is encoded. */
  async analyze(
    image: RgbImage,
    { signal, ...options }: AnalyzeOptions & Partial<LookOptions>,
  ): Promise<readonly SeenFace[]> {
    signal?.throwIfAborted();
    if (this.#ended) throw gone('it has ended');
    const id = this.#nextId++;
    // Copied, so that the caller keeps its picture; then handed over, so that it is copied only this once.
    const data = this.#pictures.copyOf(image.data);
    return new Promise<readonly SeenFace[]>((resolve, reject) => {
      const onAbort = (): void => {
        this.#post({ type: 'abort', id });
        this.#pending.delete(id);
        reject(signal?.reason);
      };
      const done = (): void => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, {
        resolve: (faces) => {
          done();
          resolve(faces);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      const { width, height } = image;
      this.#post({ type: 'analyze', id, image: { width, height, data }, options }, [data.buffer]);
    });
  }

  /** Ends the thread: kindly, and after a while by force. May be called twice. */
  async dispose(): Promise<void> {
    if (!this.#ended) this.#post({ type: 'dispose' });
    const timer = setTimeout(() => void this.#worker.terminate(), DISPOSE_TIMEOUT_MS);
    await this.stopped;
    clearTimeout(timer);
  }

  #post(request: WorkerRequest, transfer: ArrayBuffer[] = []): void {
    if (!this.#ended) this.#worker.postMessage(request, transfer);
  }

  #settle(reply: WorkerReply): void {
    if (reply.type !== 'result' && reply.type !== 'error') return;
    this.#pictures.giveBack(reply.picture);
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.type === 'result') pending?.resolve(reply.faces);
    else pending?.reject(unpackError(reply.error));
  }

  #end(reason: string): void {
    this.#ended = true;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(gone(reason));
  }
}

function gone(reason: string): LatchkeyError {
  return new LatchkeyError('engine-unavailable', `The face analysis thread stopped: ${reason}. Try again.`);
}

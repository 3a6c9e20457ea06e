import { setTimeout as sleep } from 'node:timers/promises';
import { type Camera, type Clock, type ErrorCode, type Frame, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import type { ReportCamera } from './camera-report.ts';
import { framesFrom } from './frames-from.ts';
import { lumaGrid } from './luma-grid.ts';
import type { PictureJudge, PictureState } from './picture-judge.ts';

/** Options of {@link WatchedCamera}. */
export interface WatchedCameraOptions {
  /** Its frames are one run of the source, to its end. */
  readonly camera: Camera;
  readonly clock: Clock;
  /** How long no frame may come; null: as long as it likes. */
  readonly stallMs: number | null;
  /** The same for the first frame of a run: connecting, and waiting for a picture that is whole, takes its time. */
  readonly startMs: number | null;
  readonly judge: PictureJudge;
  /** The source's end is no failure: a film begins anew. */
  readonly endsNormally: boolean;
  readonly report: ReportCamera;
  /** 0–1, for the spread of pauses. */
  readonly random: () => number;
}

/** Pause before the first new start; doubled with each that brings nothing. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** A camera that somebody covered is not started again all the time: that brings nothing and makes gaps. */
const longestPatienceMs = 300_000;
/** A run that lasted this long was a good one; the pauses begin anew. */
const goodRunMs = 60_000;
/** How long a source may take to end. */
const longestGoodbyeMs = 5_000;
/** How often pictures are judged. */
const judgeEveryMs = 500;

/** One run of the source. */
interface Run {
  readonly frames: AsyncIterator<Frame>;
  /** Ends it. */
  readonly stop: AbortController;
  readonly startedMs: number;
  /** Frames that it gave, and the newest of them. */
  given: number;
  last: Frame | null;
  judgedMs: number;
  /** How long the next frame may take; null: as long as it likes. */
  patienceMs: number | null;
}

/**
 * Keeps a source of frames running: starts it again, with growing pauses, when it ends, fails, or gives no frame in time; and
 * tells when its pictures show nothing or hang, starting it again for that too.
 */
export class WatchedCamera implements Camera {
  private readonly options: WatchedCameraOptions;
  /** Why it is lost, null while it is not. */
  private lost: ErrorCode | null = null;
  private state: Exclude<PictureState, 'unsure'> = 'ok';
  /** Whether the last run was cut short because its pictures show nothing. */
  private cutShort = false;
  /** Runs in a row that brought nothing, or pictures that show nothing. */
  private failures = 0;

  constructor(options: WatchedCameraOptions) {
    this.options = options;
  }

  frames(signal: AbortSignal): AsyncIterable<Frame> {
    let run: Run | null = null;
    const end = async () => {
      const ending = run;
      run = null;
      if (ending) await endRun(ending);
    };
    return framesFrom(async () => {
      while (!signal.aborted) {
        let failure: LatchkeyError | null = null;
        run ??= this.begin(signal);
        try {
          const frame = await this.nextOf(run);
          if (frame) return frame;
        } catch (error) {
          failure = asCameraError(error);
        }
        const { startedMs, given } = run;
        await end();
        if (!signal.aborted) await this.afterRun(startedMs, given, failure, signal);
      }
      return null;
    }, end);
  }

  private begin(signal: AbortSignal): Run {
    const { camera, clock, judge, startMs } = this.options;
    const stop = new AbortController();
    const frames = camera.frames(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
    this.cutShort = false;
    judge.reset();
    return {
      frames,
      stop,
      startedMs: clock.monotonicMs(),
      given: 0,
      last: null,
      judgedMs: Number.NEGATIVE_INFINITY,
      patienceMs: startMs,
    };
  }

  /**
   * The run's next frame, null at its end or when it is cut short because its pictures show nothing.
   * @throws what the source fails with, and when it stalls.
   */
  private async nextOf(run: Run): Promise<Frame | null> {
    this.cutShort = run.last !== null && this.showsNothing(run, run.last);
    if (this.cutShort) return null;
    const next = await within(run.patienceMs, run.frames.next());
    if (next === 'late') throw stalled(run.patienceMs ?? 0);
    if (next.done) return null;
    run.patienceMs = this.options.stallMs;
    run.last = next.value;
    run.given++;
    this.regain();
    return next.value;
  }

  /** Judges a frame now and then, after its reader has had it; whether it shows nothing, and has for too long. */
  private showsNothing(run: Run, frame: Frame): boolean {
    const nowMs = this.options.clock.monotonicMs();
    if (nowMs - run.judgedMs < judgeEveryMs) return false;
    run.judgedMs = nowMs;
    const state = this.options.judge.look(lumaGrid(frame.image), frame.capturedMonotonicMs);
    if (state === 'unsure') return false;
    this.tell(state);
    return state !== 'ok' && nowMs - run.startedMs >= this.patienceMs();
  }

  /** Tells how a run ended and waits until the next may begin: not at all after a film. */
  private async afterRun(startedMs: number, given: number, failure: LatchkeyError | null, signal: AbortSignal) {
    const { clock, report, endsNormally } = this.options;
    if (clock.monotonicMs() - startedMs >= goodRunMs && this.state === 'ok') this.failures = 0;
    if (failure === null && given > 0 && endsNormally && !this.cutShort) return;
    this.failures++;
    // What shows nothing was told as such; it is not lost.
    if (!this.cutShort) this.lose(failure ?? ended());
    await this.pause(signal);
    report({ type: 'restarted' });
  }

  private lose({ code, message }: LatchkeyError): void {
    if (this.lost === code) return;
    this.lost = code;
    this.options.report({ type: 'lost', code, message });
  }

  private regain(): void {
    if (this.lost === null) return;
    this.lost = null;
    this.options.report({ type: 'back' });
  }

  private tell(state: Exclude<PictureState, 'unsure'>): void {
    if (state === this.state) return;
    this.state = state;
    this.options.report(state === 'ok' ? { type: 'clear' } : { type: state, message: sentences[state] });
  }

  /** How long a run goes on whose pictures show nothing. */
  private patienceMs(): number {
    return this.failures === 0 ? 0 : pauseMs(this.failures, longestPatienceMs);
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const ms = this.cutShort ? firstPauseMs : pauseMs(this.failures, longestPauseMs);
    const spread = 0.5 + this.options.random() / 2;
    await sleep(ms * spread, undefined, { signal }).catch(() => undefined);
  }
}

async function endRun({ frames, stop }: Run): Promise<void> {
  stop.abort();
  // A source that hangs must not hold up its own replacement.
  await within(
    longestGoodbyeMs,
    Promise.resolve(frames.return?.()).catch(() => undefined),
  );
}

const sentences = {
  covered: 'The camera shows an even or black picture; look whether something covers it or the light is off.',
  frozen: 'The camera has shown exactly the same picture for a long time; it hangs, or a picture is played to it.',
} as const;

function pauseMs(failures: number, longest: number): number {
  return Math.min(longest, firstPauseMs * 2 ** Math.min(20, failures - 1));
}

function stalled(ms: number): LatchkeyError {
  return new LatchkeyError('camera-unavailable', `The camera has given no frame for ${Math.round(ms / 1000)} s.`);
}

function ended(): LatchkeyError {
  return new LatchkeyError('camera-unavailable', 'The camera ended its stream.');
}

function asCameraError(error: unknown): LatchkeyError {
  if (isLatchkeyError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LatchkeyError('camera-unavailable', `The camera failed: ${message}`, { cause: error });
}

async function within<T>(ms: number | null, promise: Promise<T>): Promise<T | 'late'> {
  if (ms === null) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    // A frame that fails after its time has nobody left to tell.
    promise.catch(() => undefined);
  }
}

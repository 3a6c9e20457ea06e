import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, Clock, Frame, RgbImage } from '@latchkey/domain';
import type { ReportCamera } from './camera-report.ts';
import { framesFrom } from './frames-from.ts';
import { type Picture, PictureFolder } from './picture-folder.ts';

/** Longer side of a frame: what full-HD cameras give. Larger pictures are scaled down. */
const maxSidePx = 1920;
/** How long nobody is to be seen between two pictures: long enough for any tracker to end its tracks. */
const minGapMs = 1_200;
/** How long to wait before an empty or missing folder is read again. */
const retryMs = 1_000;

/** Options of {@link FolderCamera}. */
export interface FolderCameraOptions {
  readonly cameraId: string;
  readonly folder: string;
  readonly framesPerSecond: number;
  /** How long each picture is shown; at least one frame of each is given. */
  readonly holdMs: number;
  readonly clock: Clock;
  readonly report: ReportCamera;
}

/**
 * Plays the pictures of a folder as frames, round and round, each for `holdMs` (several frames of one picture, so that
 * votes over frames work), with black frames between two pictures so that every showing is a presence of its own.
 * Paced by the clock: a reader that is slower than `framesPerSecond` gets the frame of now and never an old one.
 */
export class FolderCamera implements Camera {
  private readonly options: FolderCameraOptions;

  constructor(options: FolderCameraOptions) {
    this.options = options;
  }

  frames(signal: AbortSignal): AsyncIterableIterator<Frame> {
    const showing = new Showing(this.options);
    return framesFrom(() => showing.next(signal));
  }
}

/** What is shown at a time. */
interface Shown {
  readonly image: RgbImage;
  readonly source: string;
  /** By the monotonic clock; it is shown once in any case. */
  readonly untilMs: number;
  readonly isPicture: boolean;
  given: boolean;
}

/** One reader's way through the folder. */
class Showing {
  private readonly options: FolderCameraOptions;
  private readonly pictures: PictureFolder;
  private readonly pace: Pace;
  private shown: Shown | null = null;
  private black: RgbImage | null = null;
  private lost = false;

  constructor(options: FolderCameraOptions) {
    const { folder, framesPerSecond, clock, report } = options;
    this.options = options;
    this.pictures = new PictureFolder(folder, maxSidePx, ({ name, error }) =>
      report({ type: 'unreadable', source: name, error }),
    );
    this.pace = new Pace(clock, 1000 / framesPerSecond, (frames) => report({ type: 'skipped', frames }));
  }

  /** The frame of now, null when the signal is aborted. */
  async next(signal: AbortSignal): Promise<Frame | null> {
    const { clock, cameraId } = this.options;
    while (!signal.aborted && this.isOver()) await this.turn(signal);
    if (this.shown && !signal.aborted) await this.pace.wait(signal);
    if (!this.shown || signal.aborted) return null;
    this.shown.given = true;
    const { image, source } = this.shown;
    return { image, capturedAt: clock.now(), capturedMonotonicMs: clock.monotonicMs(), cameraId, source };
  }

  private isOver(): boolean {
    const { shown } = this;
    return shown === null || (shown.given && this.options.clock.monotonicMs() >= shown.untilMs);
  }

  /** Goes on to what comes next, or waits a while when there is no picture to go on to. */
  private async turn(signal: AbortSignal): Promise<void> {
    const { framesPerSecond, holdMs, report } = this.options;
    if (this.shown?.isPicture) {
      this.black = blackLike(this.shown.image, this.black);
      this.show(this.black, 'between pictures', Math.max(minGapMs, (2 * 1000) / framesPerSecond), false);
      return;
    }
    const picture = await nextPicture(this.pictures);
    if ('message' in picture) {
      if (!this.lost) report({ type: 'lost', code: 'camera-unavailable', message: picture.message });
      this.lost = true;
      await pause(retryMs, signal);
      return;
    }
    if (this.lost) report({ type: 'back' });
    this.lost = false;
    this.show(picture.image, picture.name, holdMs, true);
  }

  private show(image: RgbImage, source: string, forMs: number, isPicture: boolean): void {
    const untilMs = this.options.clock.monotonicMs() + forMs;
    this.shown = { image, source, untilMs, isPicture, given: false };
  }
}

async function nextPicture(pictures: PictureFolder): Promise<Picture | { message: string }> {
  try {
    return (await pictures.next()) ?? { message: 'The folder holds no picture that can be read.' };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

/** A black picture of the same size; `before` if it is one, since pictures are large and often of one size. */
function blackLike({ width, height }: RgbImage, before: RgbImage | null): RgbImage {
  if (before?.width === width && before.height === height) return before;
  return { width, height, data: new Uint8Array(width * height * 3) };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** One frame per interval; what a slow reader missed is counted and left out. */
class Pace {
  private readonly clock: Clock;
  private readonly intervalMs: number;
  private readonly onSkipped: (frames: number) => void;
  private dueMs: number | null = null;

  constructor(clock: Clock, intervalMs: number, onSkipped: (frames: number) => void) {
    this.clock = clock;
    this.intervalMs = intervalMs;
    this.onSkipped = onSkipped;
  }

  async wait(signal: AbortSignal): Promise<void> {
    const now = this.clock.monotonicMs();
    let due = this.dueMs ?? now;
    const missed = Math.floor((now - due) / this.intervalMs);
    if (missed > 0) {
      this.onSkipped(missed);
      due += missed * this.intervalMs;
    }
    this.dueMs = due + this.intervalMs;
    if (due > now) await pause(due - now, signal);
  }
}

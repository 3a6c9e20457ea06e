import type { Clock, Frame } from '@latchkey/domain';
import { cropJpeg } from '@latchkey/vision';
import type { SeenPresence } from '../deciding/presence.ts';

/** The newest picture of a camera that somebody looks at, with its faces. */
export interface LivePicture {
  readonly at: number;
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
  readonly faces: readonly SeenPresence[];
}

/** Pictures are made for so long after somebody asked for one. */
const wantedMs = 3_000;
/** No more than five pictures a second. */
const everyMs = 200;
const jpegLimits = { maxSidePx: 960, maxBytes: 400_000, margin: 0 };

/** What the cameras see, for people who look: nothing is made or kept while nobody does. */
export class LiveView {
  private readonly clock: Clock;
  private readonly pictures = new Map<string, LivePicture>();
  private readonly askedMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The newest picture of a camera, null while there is none. Asks for more. */
  picture(cameraId: string): LivePicture | null {
    const nowMs = this.clock.monotonicMs();
    this.askedMs.set(cameraId, nowMs);
    const picture = this.pictures.get(cameraId);
    return picture && nowMs - picture.at <= wantedMs ? picture : null;
  }

  /** A frame was judged. */
  async show({ cameraId, image }: Frame, faces: readonly SeenPresence[]): Promise<void> {
    const at = this.clock.monotonicMs();
    const before = this.pictures.get(cameraId)?.at ?? Number.NEGATIVE_INFINITY;
    if (at - (this.askedMs.get(cameraId) ?? Number.NEGATIVE_INFINITY) > wantedMs) {
      this.pictures.delete(cameraId);
    } else if (at - before >= everyMs) {
      const { width, height } = image;
      const jpeg = await cropJpeg(image, { x: 0, y: 0, width, height }, jpegLimits);
      this.pictures.set(cameraId, { at, width, height, jpeg, faces });
    }
  }
}

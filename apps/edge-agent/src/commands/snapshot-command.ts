import { cropJpeg } from '@latchkey/vision';
import type { TappedCamera } from '../camera/tapped.camera.ts';
import { type CommandHandler, refused } from './command-desk.ts';

/** A camera by its id. */
export interface NamedCamera {
  readonly id: string;
  readonly camera: Pick<TappedCamera, 'next'>;
}

/** A camera that runs gives a frame in far less. */
const frameWithinMs = 5_000;
/** As base64 within the contract's limit. */
const limits = { maxSidePx: 960, maxBytes: 80_000, margin: 0 };

/** `snapshot`: the next frame of a camera, masked as everything that leaves it. */
export function snapshotCommand(cameras: readonly NamedCamera[]): CommandHandler<'snapshot'> {
  return async ({ cameraId }, { signal }) => {
    const wanted = cameraId === undefined ? cameras[0] : cameras.find(({ id }) => id === cameraId);
    if (!wanted) return { report: refused(`This device has no camera "${cameraId ?? ''}".`) };
    const frame = await wanted.camera.next(AbortSignal.any([signal, AbortSignal.timeout(frameWithinMs)]));
    if (!frame) return { report: { outcome: 'failed', message: `Camera "${wanted.id}" gave no frame within 5 s.` } };
    const { width, height } = frame.image;
    const jpeg = await cropJpeg(frame.image, { x: 0, y: 0, width, height }, limits);
    const picture = Buffer.from(jpeg).toString('base64');
    return { report: { outcome: 'done', message: `A picture of camera "${wanted.id}".`, picture } };
  };
}

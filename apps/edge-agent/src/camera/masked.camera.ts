import type { CameraArea } from '@latchkey/config';
import type { Camera, Frame, RgbImage } from '@latchkey/domain';
import { passingFrames } from './frames-from.ts';

/** Makes areas black in every frame of a camera, before anybody else has it. */
export class MaskedCamera implements Camera {
  private readonly camera: Camera;
  private readonly masks: readonly CameraArea[];

  constructor(camera: Camera, masks: readonly CameraArea[]) {
    this.camera = camera;
    this.masks = masks;
  }

  frames(signal: AbortSignal): AsyncIterable<Frame> {
    return passingFrames(
      () => this.camera.frames(signal),
      ({ image }) => {
        for (const mask of this.masks) blacken(image, mask);
      },
    );
  }
}

/** Makes an area of the picture black, pixels that it only touches too. */
function blacken({ width, height, data }: RgbImage, area: CameraArea): void {
  const left = Math.max(0, Math.floor(area.x * width));
  const right = Math.min(width, Math.ceil((area.x + area.width) * width));
  const bottom = Math.min(height, Math.ceil((area.y + area.height) * height));
  for (let y = Math.max(0, Math.floor(area.y * height)); y < bottom; y++) {
    data.fill(0, (y * width + left) * 3, (y * width + right) * 3);
  }
}

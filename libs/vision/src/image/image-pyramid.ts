import type { RgbImage } from '@latchkey/domain';
import { PyramidMemory } from './pyramid-memory.ts';

/**
 * A picture and its halves, quarters … , each made when it is first asked for. Sampling the level whose pixels are about
 * as large as the wanted ones avoids the aliasing that bilinear sampling of a much larger picture shows.
 */
export class ImagePyramid {
  readonly #levels: RgbImage[];
  readonly #memory: PyramidMemory;

  /** @param memory of pyramids that nobody uses any more. */
  constructor(image: RgbImage, memory: PyramidMemory = new PyramidMemory()) {
    this.#levels = [image];
    this.#memory = memory;
  }

  /** The full picture. */
  get image(): RgbImage {
    return this.level(0);
  }

  /** The picture reduced `2 ** index` times; no smaller than one pixel a side. */
  level(index: number): RgbImage {
    for (let made = this.#levels.length; made <= index; made++) {
      this.#levels.push(halved(this.level(made - 1), (length) => this.#memory.of(made, length)));
    }
    const level = this.#levels[index];
    if (!level) throw new RangeError(`A pyramid has no level ${index}.`);
    return level;
  }

  /** The level to sample where one wanted pixel covers `scale` pixels of the full picture. */
  levelFor(scale: number): number {
    const { width, height } = this.image;
    const deepest = Math.floor(Math.log2(Math.max(1, Math.min(width, height))));
    return Math.min(Math.max(0, Math.floor(Math.log2(Math.max(scale, 1)) + 0.25)), deepest);
  }
}

function halved(image: RgbImage, memoryOf: (length: number) => Uint8Array): RgbImage {
  const width = Math.max(1, image.width >> 1);
  const height = Math.max(1, image.height >> 1);
  const source = image.data;
  const data = memoryOf(width * height * 3);
  const right = image.width > 1 ? 3 : 0;
  const below = image.height > 1 ? image.width * 3 : 0;
  let target = 0;
  for (let y = 0; y < height; y++) {
    let at = y * 2 * image.width * 3;
    for (let x = 0; x < width; x++, at += 6, target += 3) {
      const beside = at + right;
      const under = at + below;
      const across = under + right;
      // Written out for each colour: a loop over three takes twice as long.
      data[target] =
        ((source[at] as number) +
          (source[beside] as number) +
          (source[under] as number) +
          (source[across] as number) +
          2) >>
        2;
      data[target + 1] =
        ((source[at + 1] as number) +
          (source[beside + 1] as number) +
          (source[under + 1] as number) +
          (source[across + 1] as number) +
          2) >>
        2;
      data[target + 2] =
        ((source[at + 2] as number) +
          (source[beside + 2] as number) +
          (source[under + 2] as number) +
          (source[across + 2] as number) +
          2) >>
        2;
    }
  }
  return { width, height, data };
}

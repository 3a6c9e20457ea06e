import type { RgbImage } from '@latchkey/domain';

/**
 * A picture and its halves, quarters … , each made when it is first asked for. Sampling the level whose pixels are about
 * as large as the wanted ones avoids the aliasing that bilinear sampling of a much larger picture shows.
 */
export class ImagePyramid {
  readonly #levels: RgbImage[];

  constructor(image: RgbImage) {
    this.#levels = [image];
  }

  /** The full picture. */
  get image(): RgbImage {
    return this.level(0);
  }

  /** The picture reduced `2 ** index` times; no smaller than one pixel a side. */
  level(index: number): RgbImage {
    for (let made = this.#levels.length; made <= index; made++) {
      this.#levels.push(halved(this.level(made - 1)));
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

function halved(image: RgbImage): RgbImage {
  const width = Math.max(1, image.width >> 1);
  const height = Math.max(1, image.height >> 1);
  const source = image.data;
  const data = new Uint8Array(width * height * 3);
  const right = image.width > 1 ? 3 : 0;
  const below = image.height > 1 ? image.width * 3 : 0;
  let target = 0;
  for (let y = 0; y < height; y++) {
    let from = y * 2 * image.width * 3;
    for (let x = 0; x < width; x++, from += 6) {
      for (let channel = 0; channel < 3; channel++) {
        const at = from + channel;
        const sum =
          (source[at] as number) +
          (source[at + right] as number) +
          (source[at + below] as number) +
          (source[at + right + below] as number);
        data[target++] = (sum + 2) >> 2;
      }
    }
  }
  return { width, height, data };
}

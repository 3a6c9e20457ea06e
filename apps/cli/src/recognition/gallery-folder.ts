import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, extname, join, sep } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';

/** One picture of a gallery and whose it is. */
export interface GalleryImage {
  readonly identity: string;
  readonly path: string;
}

const pictureName = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

/**
 * A folder of people's pictures as the seed project lays it out, `train/NAME*.jpg`: a file's identity is its name without
 * extension and number (`siddharth.jpg`, `siddharth2.jpg`, `siddharth_3.png`). A folder beside them is one identity with
 * all pictures in it. Without a folder `train` the pictures stand in the gallery's folder itself.
 */
export class GalleryFolder {
  readonly #folder: string;

  constructor(folder: string) {
    const train = join(folder, 'train');
    this.#folder = existsSync(train) ? train : folder;
  }

  /**
   * Every picture, by name.
   * @throws LatchkeyError `missing-file` when the folder cannot be read.
   */
  async images(): Promise<readonly GalleryImage[]> {
    const images: GalleryImage[] = [];
    for (const entry of await this.#list(this.#folder)) {
      const path = join(this.#folder, entry.name);
      if (entry.isDirectory()) {
        for (const { name } of await this.#list(path)) {
          if (pictureName.test(name)) images.push({ identity: entry.name, path: join(path, name) });
        }
      } else if (pictureName.test(entry.name)) images.push({ identity: identityOf(entry.name), path });
    }
    return images;
  }

  /**
   * Copies a picture into the gallery under the next free number of that identity.
   * @throws LatchkeyError `invalid-input` for a name that cannot be a file's.
   */
  async add(identity: string, source: string): Promise<void> {
    if (identity.trim() === '' || /[/\\\0]/.test(identity) || /^\.{1,2}$/.test(identity)) {
      throw new LatchkeyError('invalid-input', `"${identity}" cannot be the name of a file; choose another identity.`);
    }
    const own = join(this.#folder, identity);
    // A name that ends in a number would lose it as a file name: such a one gets a folder.
    const inFolder = existsSync(own) || identityOf(`${identity}1.jpg`) !== identity;
    const stem = inFolder ? `${own}${sep}` : own;
    await mkdir(inFolder ? own : this.#folder, { recursive: true });
    const taken = new Set((await this.images()).map(({ path }) => path.replace(/\.[^.]+$/, '')));
    let number = 1;
    while (taken.has(`${stem}${number}`)) number++;
    await copyFile(source, `${stem}${number}${extname(source).toLowerCase()}`);
  }

  async #list(folder: string) {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (cause) {
      throw new LatchkeyError(
        'missing-file',
        `The gallery folder ${folder} cannot be read; enrol somebody or pass another --gallery.`,
        { cause },
      );
    }
  }
}

/** Whose picture a file is, by its name. */
export function identityOf(fileName: string): string {
  const stem = basename(fileName).replace(/\.[^.]+$/, '');
  return stem.replace(/[\s_.-]*\(?\d+\)?$/, '') || stem;
}

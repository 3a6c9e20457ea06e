import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isLatchkeyError, LatchkeyError, type RgbImage } from '@latchkey/domain';
import { decodeImage, MAX_BYTES } from '@latchkey/vision';

const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/** A picture of a folder, decoded. */
export interface Picture {
  readonly name: string;
  readonly image: RgbImage;
}

/** A picture that could not be shown. */
export interface UnreadablePicture {
  readonly name: string;
  readonly error: LatchkeyError;
}

/**
 * The pictures (jpg, png, webp) of a folder in the order of their names, round and round. The folder is read anew for
 * each picture, so new ones join and removed ones leave. One that cannot be decoded is reported once and left out until
 * its file changes.
 */
export class PictureFolder {
  private readonly folder: string;
  private readonly maxSidePx: number;
  private readonly onUnreadable: (picture: UnreadablePicture) => void;
  private readonly unreadable = new Set<string>();
  private last = '';

  constructor(folder: string, maxSidePx: number, onUnreadable: (picture: UnreadablePicture) => void) {
    this.folder = folder;
    this.maxSidePx = maxSidePx;
    this.onUnreadable = onUnreadable;
  }

  /**
   * The next picture, null when the folder holds none that can be read.
   * @throws LatchkeyError `camera-unavailable` when the folder cannot be read.
   */
  async next(): Promise<Picture | null> {
    const names = await this.names();
    const later = names.filter((name) => name > this.last);
    for (const name of [...later, ...names.filter((name) => name <= this.last)]) {
      const image = await this.decode(name);
      if (image === null) continue;
      this.last = name;
      return { name, image };
    }
    return null;
  }

  private async names(): Promise<string[]> {
    try {
      const entries = await readdir(this.folder);
      return entries.filter((name) => extensions.has(extname(name).toLowerCase())).sort();
    } catch (cause) {
      throw new LatchkeyError(
        'camera-unavailable',
        `The folder "${this.folder}" cannot be read; check the camera option.`,
        {
          cause,
        },
      );
    }
  }

  private async decode(name: string): Promise<RgbImage | null> {
    const path = join(this.folder, name);
    let version = name;
    try {
      const file = await stat(path);
      version = `${name}/${file.size}/${file.mtimeMs}`;
      if (this.unreadable.has(version)) return null;
      assertReadable(name, file);
      return await decodeImage(await readFile(path), { maxSidePx: this.maxSidePx });
    } catch (cause) {
      if (this.unreadable.has(version)) return null;
      this.unreadable.add(version);
      const error = isLatchkeyError(cause)
        ? cause
        : new LatchkeyError('missing-file', `"${name}" cannot be read; check its rights.`, { cause });
      this.onUnreadable({ name, error });
      return null;
    }
  }
}

/** Before anything is read: a pipe would never end, and a file of gigabytes would not fit into memory. */
function assertReadable(name: string, file: Stats): void {
  if (!file.isFile()) throw new LatchkeyError('not-an-image', `"${name}" is no file; take it out of the folder.`);
  if (file.size <= MAX_BYTES) return;
  throw new LatchkeyError('image-too-large', `"${name}" has ${Math.round(file.size / 1e6)} MB; 25 MB are the limit.`);
}

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Box, encodingFromBytes, encodingToBytes } from '@latchkey/domain';
import { z } from 'zod';

/** The face that counts on a picture. */
export interface StoredFace {
  readonly box: Box;
  readonly values: Float32Array;
}

/** What was found on a picture, and how long that took. */
export interface StoredPicture {
  /** Null: no face. */
  readonly face: StoredFace | null;
  /** How many there are on it; absent where nobody asks. */
  readonly faces?: number | undefined;
  readonly ms: number;
}

const record = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  ms: z.number().min(0),
  faces: z.number().int().min(0).optional(),
  face: z
    .object({ box: z.tuple([z.number(), z.number(), z.number(), z.number()]), values: z.base64().min(4) })
    .nullable(),
});

/**
 * Encodings of pictures on disk, so that a run that was cut off goes on where it was and a second one takes seconds. One file
 * for each way of encoding, to which a line is added as each picture is done; a line that a crash cut off is left out when
 * the file is read. Encodings are personal data: the file is its owner's alone. A folder that cannot be written costs time
 * at the next run, nothing else.
 */
export class EncodingStore {
  readonly #path: string;
  readonly #folder: string;
  readonly #dimension: number;
  readonly #known = new Map<string, StoredPicture>();
  #opened: Promise<string> | null = null;

  /**
   * @param folder made when absent.
   * @param ingredients everything that encodings depend on beside the picture; `ingredients[0]`, the model's id, names the file.
   */
  constructor(folder: string, ingredients: readonly [string, ...string[]], dimension: number) {
    const hash = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 16);
    this.#folder = folder;
    this.#path = join(folder, `${ingredients[0].replace(/[^a-z0-9.-]+/gi, '_')}.${hash}.jsonl`);
    this.#dimension = dimension;
  }

  /** What an earlier run found on a picture with these bytes; undefined when none did. */
  async get(sha256: string): Promise<StoredPicture | undefined> {
    await this.#open();
    return this.#known.get(sha256);
  }

  /** Keeps what was found. */
  async put(sha256: string, picture: StoredPicture): Promise<void> {
    const separator = await this.#open();
    this.#known.set(sha256, picture);
    this.#opened = Promise.resolve('');
    await appendFile(this.#path, `${separator}${lineOf(sha256, picture)}`, { mode: 0o600 }).catch(() => undefined);
  }

  /** Forgets all other pictures, also on disk. */
  async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    await this.#open();
    const others = [...this.#known.keys()].filter((sha256) => !sha256s.has(sha256));
    if (others.length === 0) return;
    for (const sha256 of others) this.#known.delete(sha256);
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const lines = [...this.#known].map(([sha256, picture]) => lineOf(sha256, picture));
    await writeFile(temporary, lines.join(''), { mode: 0o600 })
      .then(() => rename(temporary, this.#path))
      .catch(() => rm(temporary, { force: true }));
    this.#opened = Promise.resolve('');
  }

  /** @returns what the next line starts with: a line end when the last one has none. */
  #open(): Promise<string> {
    this.#opened ??= this.#read();
    return this.#opened;
  }

  async #read(): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const read = this.#parse(line);
      if (read) this.#known.set(...read);
    }
    return text === '' || text.endsWith('\n') ? '' : '\n';
  }

  #parse(line: string): [string, StoredPicture] | null {
    try {
      const { sha256, face, ...rest } = record.parse(JSON.parse(line));
      if (face === null) return [sha256, { face, ...rest }];
      const values = encodingFromBytes(Buffer.from(face.values, 'base64'));
      const [x, y, width, height] = face.box;
      return values.length === this.#dimension
        ? [sha256, { face: { box: { x, y, width, height }, values }, ...rest }]
        : null;
    } catch {
      return null;
    }
  }
}

function lineOf(sha256: string, { face, ...rest }: StoredPicture): string {
  const packed = face && {
    box: [face.box.x, face.box.y, face.box.width, face.box.height],
    values: Buffer.from(encodingToBytes(face.values)).toString('base64'),
  };
  return `${JSON.stringify({ sha256, ...rest, face: packed })}\n`;
}

import { basename } from 'node:path';
import { enrolmentResponse, page, personView, recognitionView } from '@latchkey/contracts';
import { enrolmentWarningCodes, isLatchkeyError, LatchkeyError, type RgbImage } from '@latchkey/domain';
import { cropJpeg } from '@latchkey/vision';
import type { z } from 'zod';
import type { FaceReader, ReadFace } from './face-reader.ts';
import { decodeImageFile, readImageFile } from './image-file.ts';
import type {
  EnrolledImage,
  EnrollOptions,
  Recognition,
  RecognizeOptions,
  Recognizer,
  Verdict,
  Verification,
} from './recognizer.ts';
import type { ServerSession } from './server-session.ts';

const people = page(personView);
type PeoplePage = z.infer<typeof people>;
type View = z.infer<typeof recognitionView>;

const basis = { modelId: null, leftOut: [] } as const;

/** What central is shown of a face: enough around it for its own detector, not more than an upload may have. */
const CUT_OUT = { margin: 0.4, maxSidePx: 800, maxBytes: 500_000 };

/** Recognises by the people of a central. */
export class ServerRecognizer implements Recognizer {
  readonly #session: ServerSession;
  readonly #openReader: () => Promise<FaceReader>;

  /** @param openReader opens what finds the faces of a picture here: central answers for one face at a time. */
  constructor(session: ServerSession, openReader: () => Promise<FaceReader>) {
    this.#session = session;
    this.#openReader = openReader;
  }

  async verify(file: string, identity: string): Promise<Verification> {
    const form = await formWith('photo', [file]);
    form.set('name', identity);
    const view = await this.#session.request('POST', 'verify', recognitionView, form);
    return { verdict: { ...verdictOf(view, null), name: identity }, others: [], ...basis };
  }

  async recognize(file: string, { all, top }: RecognizeOptions): Promise<Recognition> {
    if (top > 1) {
      throw new LatchkeyError('invalid-input', 'A central names the person alone; --top goes with --gallery.');
    }
    if (all) return { faces: await this.#recognizeAll(file), ...basis };
    const view = await this.#session.request('POST', 'recognize', recognitionView, await formWith('photo', [file]));
    return { faces: [verdictOf(view, null)], ...basis };
  }

  async enroll(
    identity: string,
    files: readonly string[],
    { force }: EnrollOptions,
  ): Promise<readonly EnrolledImage[]> {
    const form = await formWith('photos', files);
    const id = (await this.#idOf(identity)) ?? (await this.#create(identity));
    const query = new URLSearchParams();
    if (force) for (const code of enrolmentWarningCodes) query.append('acceptDespite', code);
    const { results } = await this.#session.request('POST', `people/${id}/photos?${query}`, enrolmentResponse, form);
    return results.map((result, i) => ({ ...result, file: files[i] ?? result.file }));
  }

  async close(): Promise<void> {}

  /** Finds the faces here and asks central about each. */
  async #recognizeAll(file: string): Promise<readonly Verdict[]> {
    const image = await decodeImageFile(file);
    const reader = await this.#openReader();
    try {
      const faces = await reader.read(image);
      if (faces.length === 0) throw new LatchkeyError('no-face', `No face in "${file}".`);
      const verdicts: Verdict[] = [];
      for (const face of faces) verdicts.push(await this.#recognizeFace(image, face));
      return verdicts;
    } finally {
      await reader.dispose();
    }
  }

  async #recognizeFace(image: RgbImage, { box }: ReadFace): Promise<Verdict> {
    const jpeg = await cropJpeg(image, box, CUT_OUT);
    const form = new FormData();
    form.append('photo', new Blob([Buffer.from(jpeg)]), 'face.jpg');
    try {
      return verdictOf(await this.#session.request('POST', 'recognize', recognitionView, form), box);
    } catch (error) {
      // Another face reaches into the cut-out, or central sees none: nobody is known by it.
      if (!isLatchkeyError(error, 'several-faces') && !isLatchkeyError(error, 'no-face')) throw error;
      const nobody = { granted: false, name: null, distance: null, maxDistance: 0, margin: null };
      return { ...nobody, box, faults: [], candidates: [] };
    }
  }

  /** The person of exactly this name; null when there is none. */
  async #idOf(name: string): Promise<string | null> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: URLSearchParams = new URLSearchParams({ search: name, limit: '500', ...(cursor ? { cursor } : {}) });
      const { items, nextCursor }: PeoplePage = await this.#session.request('GET', `people?${query}`, people);
      found.push(...items.filter((person) => person.name === name).map(({ id }) => id));
      cursor = nextCursor;
    } while (cursor !== null);
    if (found.length > 1) {
      throw new LatchkeyError(
        'conflict',
        `There are ${found.length} people named "${name}"; enrol in the dashboard, where they can be told apart.`,
      );
    }
    return found[0] ?? null;
  }

  async #create(name: string): Promise<string> {
    return (await this.#session.request('POST', 'people', personView, { name })).id;
  }
}

function verdictOf(view: View, box: Verdict['box']): Verdict {
  return { ...view, box, faults: [], candidates: [] };
}

async function formWith(field: string, files: readonly string[]): Promise<FormData> {
  const form = new FormData();
  for (const file of files) {
    form.append(field, new Blob([Buffer.from(await readImageFile(file))]), basename(file));
  }
  return form;
}

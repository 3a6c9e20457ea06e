import { basename } from 'node:path';
import { enrolmentResponse, page, personView, recognitionView } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import type { z } from 'zod';
import { readImageFile } from './image-file.ts';
import type { EnrolledImage, Recognizer, Verdict } from './recognizer.ts';
import type { ServerSession } from './server-session.ts';

const people = page(personView);
type PeoplePage = z.infer<typeof people>;

/** Recognises by the people of a central. */
export class ServerRecognizer implements Recognizer {
  readonly #session: ServerSession;

  constructor(session: ServerSession) {
    this.#session = session;
  }

  async verify(file: string, identity: string): Promise<Verdict> {
    const form = await formWith('photo', [file]);
    form.set('name', identity);
    const verdict = await this.#session.request('POST', 'verify', recognitionView, form);
    return { ...verdict, name: identity };
  }

  async recognize(file: string): Promise<Verdict> {
    return this.#session.request('POST', 'recognize', recognitionView, await formWith('photo', [file]));
  }

  async enroll(identity: string, files: readonly string[]): Promise<readonly EnrolledImage[]> {
    const form = await formWith('photos', files);
    const id = (await this.#idOf(identity)) ?? (await this.#create(identity));
    const { results } = await this.#session.request('POST', `people/${id}/photos`, enrolmentResponse, form);
    return results.map((result, i) => ({ ...result, file: files[i] ?? result.file }));
  }

  async close(): Promise<void> {}

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

async function formWith(field: string, files: readonly string[]): Promise<FormData> {
  const form = new FormData();
  for (const file of files) {
    form.append(field, new Blob([Buffer.from(await readImageFile(file))]), basename(file));
  }
  return form;
}

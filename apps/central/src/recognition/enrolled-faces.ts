import { type EncoderCard, Gallery } from '@latchkey/vision';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { type EnrolledEncoding, EnrolledFacesRepository, type Extent } from './enrolled-faces.repository.ts';

interface Held {
  readonly gallery: Gallery;
  readonly ids: Set<string>;
  extent: Extent;
}

/** The faces of everybody who is enrolled, for searches at central. */
@Injectable()
export class EnrolledFaces {
  #held: Held | null = null;

  constructor(@Inject(EnrolledFacesRepository) private readonly repository: EnrolledFacesRepository) {}

  /**
   * Everybody's encodings of a model as they stand in the database now; to be searched at once, for it changes later. They are
   * kept in memory, and what was added or deleted meanwhile by any instance of central is read.
   */
  async everybody(sql: Sql, model: EncoderCard): Promise<Gallery> {
    const extent = await this.repository.extent(sql, model.id);
    const held = this.#heldOf(model);
    if (held.extent.count !== extent.count || held.extent.newest !== extent.newest) {
      await this.#bringUpToDate(sql, held);
      held.extent = extent;
    }
    return held.gallery;
  }

  /** Lets enrolments go one after another until the transaction ends, see {@link EnrolledFacesRepository.lock}. */
  async lock(sql: Sql): Promise<void> {
    await this.repository.lock(sql);
  }

  /** Some people's encodings of a model. */
  async ofPeople(sql: Sql, model: EncoderCard, personIds: readonly string[]): Promise<EnrolledEncoding[]> {
    return this.repository.encodings(sql, model.id, { personIds });
  }

  #heldOf({ id, dimension }: EncoderCard): Held {
    if (this.#held?.gallery.modelId !== id) {
      this.#held = { gallery: new Gallery(id, dimension), ids: new Set(), extent: { count: 0, newest: null } };
    }
    return this.#held;
  }

  async #bringUpToDate(sql: Sql, { gallery, ids }: Held): Promise<void> {
    const present = new Set(await this.repository.ids(sql, gallery.modelId));
    const missing = [...present].filter((id) => !ids.has(id));
    const added =
      missing.length > 0 ? await this.repository.encodings(sql, gallery.modelId, { encodingIds: missing }) : [];
    addTo(gallery, added);
    for (const { encodingId } of added) ids.add(encodingId);
    for (const id of ids) {
      if (present.has(id)) continue;
      gallery.removeEncoding(id);
      ids.delete(id);
    }
  }
}

/** A gallery with encodings added. */
export function addTo(gallery: Gallery, encodings: readonly EnrolledEncoding[]): Gallery {
  for (const { personId, encodingId, values } of encodings) gallery.add(personId, encodingId, values);
  return gallery;
}

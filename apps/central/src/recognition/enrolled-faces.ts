import { type EncoderCard, Gallery } from '@latchkey/vision';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { type EnrolledEncoding, EnrolledFacesRepository } from './enrolled-faces.repository.ts';

/** The faces of everybody who is enrolled, for searches at central. */
@Injectable()
export class EnrolledFaces {
  #held: { readonly gallery: Gallery; newest: string | null } | null = null;

  constructor(@Inject(EnrolledFacesRepository) private readonly repository: EnrolledFacesRepository) {}

  /**
   * Everybody's encodings of a model as they stand in the database now. They are kept in memory and asked for again when others
   * were added or deleted anywhere; only those that were added are read, unless some were deleted.
   */
  async everybody(sql: Sql, model: EncoderCard): Promise<Gallery> {
    const { count, newest } = await this.repository.extent(sql, model.id);
    const held = this.#held;
    if (held?.gallery.modelId === model.id) {
      if (held.newest !== newest) {
        const added = await this.repository.encodings(sql, model.id, { after: held.newest });
        addTo(held.gallery, added);
        held.newest = added.at(-1)?.encodingId ?? held.newest;
      }
      if (held.newest === newest && held.gallery.size === count) return held.gallery;
    }
    const encodings = await this.repository.encodings(sql, model.id);
    const gallery = addTo(new Gallery(model.id, model.dimension), encodings);
    this.#held = { gallery, newest: encodings.at(-1)?.encodingId ?? null };
    return gallery;
  }

  /** Lets enrolments go one after another until the transaction ends, see {@link EnrolledFacesRepository.lock}. */
  async lock(sql: Sql): Promise<void> {
    await this.repository.lock(sql);
  }

  /** Some people's encodings of a model. */
  async ofPeople(sql: Sql, model: EncoderCard, personIds: readonly string[]): Promise<EnrolledEncoding[]> {
    return this.repository.encodings(sql, model.id, { personIds });
  }
}

/** A gallery with encodings added. */
export function addTo(gallery: Gallery, encodings: readonly EnrolledEncoding[]): Gallery {
  for (const { personId, encodingId, values } of encodings) gallery.add(personId, encodingId, values);
  return gallery;
}

import type { EnrolmentResponse } from '@latchkey/contracts';
import { type EnrolmentWarningCode, type GalleryOperation, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '../database/database.ts';
import { ChangePublication } from '../gallery/change-publication.ts';
import { newId } from '../runtime/new-id.ts';
import { EnrolmentHygiene } from './enrolment-hygiene.ts';
import type { FaceToEnrol } from './face-to-enrol.ts';
import { PersonGallery } from './person-gallery.ts';
import { type NewEncoding, type NewPhoto, PhotoRepository } from './photo.repository.ts';

/** Encodings that one person may have: more make a search slower and no surer. */
export const maxEncodingsPerPerson = 100;

/** What became of one face. */
export interface FaceOutcome {
  /** Why it was left out; null for a face that is enrolled. */
  readonly refusal: LatchkeyError | null;
  /** Of an enrolled face that has a picture. */
  readonly photoId: string | null;
}

/** Gives people faces, and takes them. */
@Injectable()
export class EnrolmentService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PhotoRepository) private readonly photos: PhotoRepository,
    @Inject(PersonGallery) private readonly gallery: PersonGallery,
    @Inject(EnrolmentHygiene) private readonly hygiene: EnrolmentHygiene,
    @Inject(ChangePublication) private readonly publication: ChangePublication,
  ) {}

  /**
   * Enrols faces as one change of each of the person's galleries; those that do not fit the faces of this and other people are
   * left out.
   * @param acceptDespite what is known of the faces and no reason to leave them out.
   * @returns what became of each, in order; `near-another-person` and `far-from-own-photos` tell why one was left out.
   * @throws LatchkeyError `not-found` for the person, `conflict` when an event's face is enrolled already or the person would
   * have too many encodings.
   */
  async enrol(
    personId: string,
    faces: readonly FaceToEnrol[],
    acceptDespite: readonly EnrolmentWarningCode[] = [],
  ): Promise<FaceOutcome[]> {
    const named = faces.map((face) => nameOf(personId, face));
    const refused = await this.database.transaction(async (sql) => {
      await this.hygiene.lock(sql);
      const person = await this.gallery.lock(sql, personId);
      await this.#assertNew(sql, faces);
      const refusals = await this.hygiene.refusals(sql, personId, faces, acceptDespite);
      const fitting = named.filter((_, i) => refusals[i] === null);
      if (fitting.length === 0) return refusals;
      await this.#assertRoom(sql, personId, fitting.length);
      const encodings = fitting.map(({ encoding }) => encoding);
      await this.gallery.changeEncodings(
        sql,
        person,
        () => this.#insert(sql, fitting),
        ({ modelId }) => encodings.filter((encoding) => encoding.modelId === modelId).map(upsertEncoding),
      );
      return refusals;
    });
    void this.publication.flush();
    return named.map(({ photo }, i) => {
      const refusal = refused[i] ?? null;
      return { refusal, photoId: refusal ? null : (photo?.id ?? null) };
    });
  }

  /** Deletes a photo and what was made from it. @throws LatchkeyError `not-found`. */
  async removePhoto(personId: string, photoId: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const person = await this.gallery.lock(sql, personId);
      const encodings = await this.photos.encodingIdsOf(sql, personId, photoId);
      if (encodings === null) throw new LatchkeyError('not-found', `Person ${personId} has no photo ${photoId}.`);
      await this.gallery.changeEncodings(
        sql,
        person,
        () => this.photos.delete(sql, photoId),
        (group) =>
          encodings
            .filter(({ modelId }) => modelId === group.modelId)
            .map(({ id }): GalleryOperation => ({ op: 'remove-encoding', encodingId: id })),
      );
    });
    void this.publication.flush();
  }

  async #assertNew(sql: Sql, faces: readonly FaceToEnrol[]): Promise<void> {
    for (const { encoding } of faces) {
      if (encoding.eventId !== null && (await this.photos.isEnrolled(sql, encoding.eventId))) {
        throw new LatchkeyError('conflict', `The face of event ${encoding.eventId} is enrolled already.`);
      }
    }
  }

  async #assertRoom(sql: Sql, personId: string, more: number): Promise<void> {
    const has = await this.photos.countEncodings(sql, personId);
    if (has + more <= maxEncodingsPerPerson) return;
    throw new LatchkeyError(
      'conflict',
      `A person may have ${maxEncodingsPerPerson} encodings, and this one has ${has}; delete some photos first.`,
    );
  }

  async #insert(sql: Sql, faces: readonly NamedFace[]): Promise<void> {
    for (const { photo, encoding } of faces) {
      if (photo) await this.photos.insertPhoto(sql, photo);
      await this.photos.insertEncoding(sql, encoding);
    }
  }
}

interface NamedFace {
  readonly photo: NewPhoto | null;
  readonly encoding: NewEncoding;
}

function nameOf(personId: string, { photo, encoding }: FaceToEnrol): NamedFace {
  const photoId = photo ? newId() : null;
  return {
    photo: photo && photoId ? { ...photo, id: photoId, personId } : null,
    encoding: { ...encoding, encodingId: newId(), personId, photoId },
  };
}

function upsertEncoding({ encodingId, personId, modelId, values }: NewEncoding): GalleryOperation {
  return { op: 'upsert-encoding', encodingId, personId, modelId, values };
}

/** What became of one picture. */
export type PhotoResult = EnrolmentResponse['results'][number];

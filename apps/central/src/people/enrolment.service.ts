import type { EnrolmentResponse } from '@latchkey/contracts';
import { type GalleryOperation, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '../database/database.ts';
import { ChangePublication } from '../gallery/change-publication.ts';
import { newId } from '../runtime/new-id.ts';
import { PersonGallery } from './person-gallery.ts';
import { type NewEncoding, type NewPhoto, PhotoRepository } from './photo.repository.ts';

/** Encodings that one person may have: more make a search slower and no surer. */
export const maxEncodingsPerPerson = 100;

/** A face to be enrolled: its encoding, and its picture when there is one. */
export interface FaceToEnrol {
  readonly encoding: Omit<NewEncoding, 'encodingId' | 'personId' | 'photoId'>;
  readonly photo: Omit<NewPhoto, 'id' | 'personId'> | null;
}

/** Gives people faces, and takes them. */
@Injectable()
export class EnrolmentService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PhotoRepository) private readonly photos: PhotoRepository,
    @Inject(PersonGallery) private readonly gallery: PersonGallery,
    @Inject(ChangePublication) private readonly publication: ChangePublication,
  ) {}

  /**
   * Enrols faces as one change of each of the person's galleries.
   * @returns the ids of their photos, in order; null where there was no picture.
   * @throws LatchkeyError `not-found` for the person, `conflict` when an event's face is enrolled already or the person would
   * have too many encodings.
   */
  async enrol(personId: string, faces: readonly FaceToEnrol[]): Promise<(string | null)[]> {
    const named = faces.map((face) => nameOf(personId, face));
    await this.database.transaction(async (sql) => {
      const person = await this.gallery.lock(sql, personId);
      await this.#assertRoom(sql, personId, faces.length);
      const encodings = named.map(({ encoding }) => encoding);
      await this.gallery.changeEncodings(
        sql,
        person,
        () => this.#insert(sql, named),
        ({ modelId }) => encodings.filter((encoding) => encoding.modelId === modelId).map(upsertEncoding),
      );
    });
    void this.publication.flush();
    return named.map(({ photo }) => photo?.id ?? null);
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
      if (encoding.eventId !== null && (await this.photos.isEnrolled(sql, encoding.eventId))) {
        throw new LatchkeyError('conflict', `The face of event ${encoding.eventId} is enrolled already.`);
      }
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

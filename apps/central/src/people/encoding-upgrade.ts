import { isLatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { GalleryLog } from '../gallery/gallery-log.ts';
import { newId } from '../runtime/new-id.ts';
import { ModelUpgradeRepository } from './model-upgrade.repository.ts';
import { PersonGallery } from './person-gallery.ts';
import { type NewEncoding, PhotoRepository } from './photo.repository.ts';

/** Writes what a change of model brings. */
@Injectable()
export class EncodingUpgrade {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ModelUpgradeRepository) private readonly repository: ModelUpgradeRepository,
    @Inject(PhotoRepository) private readonly photos: PhotoRepository,
    @Inject(PersonGallery) private readonly gallery: PersonGallery,
    @Inject(GalleryLog) private readonly log: GalleryLog,
  ) {}

  /** Adds an encoding of a photo that is still there and still lacks it. Groups that are of its model already are told. */
  async add(encoding: Omit<NewEncoding, 'encodingId' | 'photoId'> & { readonly photoId: string }): Promise<void> {
    const named = { ...encoding, encodingId: newId() };
    const { encodingId, personId, photoId, modelId, values } = named;
    await this.database.transaction(async (sql) => {
      const person = await this.gallery.lock(sql, personId);
      if (!(await this.repository.lacksEncoding(sql, photoId, modelId))) return;
      await this.gallery.changeEncodings(
        sql,
        person,
        () => this.photos.insertEncoding(sql, named),
        (group) =>
          group.modelId === modelId ? [{ op: 'upsert-encoding', encodingId, personId, modelId, values }] : [],
      );
    });
  }

  /**
   * Changes groups over to a model and deletes the encodings that nobody uses then.
   * @returns the number of people who have no encoding left.
   */
  async changeOver(groupIds: readonly string[], modelId: string): Promise<number> {
    return this.database.transaction(async (sql) => {
      for (const group of await this.log.lock(sql, groupIds)) {
        if (group.modelId !== modelId) await this.log.beginEpoch(sql, group, modelId);
      }
      return this.repository.deleteUnused(sql);
    });
  }
}

/** Whether an error is about one photo alone, so that the others can go on. */
export function isOnePhotosFault(error: unknown): boolean {
  return isLatchkeyError(error) && error.code !== 'database-unavailable' && error.code !== 'engine-unavailable';
}

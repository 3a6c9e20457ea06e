import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { ChangePublication } from '../gallery/change-publication.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { EventFaceRepository } from './event-face.repository.ts';
import { PersonGallery } from './person-gallery.ts';

/** Erasing people: story 4 of DESIGN.md §1. */
@Injectable()
export class ErasureService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PersonGallery) private readonly gallery: PersonGallery,
    @Inject(ErasureRepository) private readonly erasures: ErasureRepository,
    @Inject(EventFaceRepository) private readonly events: EventFaceRepository,
    @Inject(ChangePublication) private readonly publication: ChangePublication,
  ) {}

  /**
   * Erases a person in one transaction: name, photos and encodings, their pictures in the log, and every payload of the
   * galleries' change logs that carries them. Devices are told to remove them; their holdings end when they confirm it.
   * @throws LatchkeyError `not-found`.
   */
  async erase(personId: string, accountId: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const person = await this.gallery.lockToErase(sql, personId);
      await this.gallery.erase(sql, person, async () => {
        await this.events.strip(sql, personId);
        await this.erasures.deletePerson(sql, personId);
      });
      await this.erasures.note(sql, personId, accountId);
    });
    void this.publication.flush();
  }
}

import { readFile, rm } from 'node:fs/promises';
import type { RecognitionView } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { Gallery, type GalleryMatch } from '@latchkey/vision';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import type { UploadedPicture } from '../http/uploads.ts';
import { addTo, EnrolledFaces } from './enrolled-faces.ts';
import { FaceAnalysis } from './face-analysis.ts';
import type { VerifyRequest } from './recognition.dto.ts';
import { RecognitionRepository } from './recognition.repository.ts';

const reasonOf = { distance: 'too-far', margin: 'narrow-margin', empty: 'empty-gallery' } as const;

/** Who is in a picture: the `verify` and `recognize` of the command line, over everybody who is enrolled. */
@Injectable()
export class RecognitionService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(EnrolledFaces) private readonly faces: EnrolledFaces,
    @Inject(RecognitionRepository) private readonly repository: RecognitionRepository,
  ) {}

  /**
   * Whether the one face of a picture is the claimed person's (of several people of one name, anybody's).
   * @throws LatchkeyError `not-found` when nobody is claimed who exists, `invalid-input` without a picture, and codes of pictures.
   */
  async verify(claim: VerifyRequest, picture: UploadedPicture | null): Promise<RecognitionView> {
    return this.#withPicture(picture, async (file) => {
      const ids = await this.repository.findPeople(claim.personId ?? null, claim.name ?? null);
      const [only] = ids;
      if (only === undefined) throw new LatchkeyError('not-found', 'There is no such person; check id or name.');
      const model = await this.analysis.model();
      const { encoding } = await this.analysis.oneFace(() => readFile(file.path), file.name);
      const encodings = await this.faces.ofPeople(this.database, model, ids);
      const claimed = addTo(new Gallery(model.id, model.dimension), encodings);
      const match = claimed.match(encoding, { maxDistance: model.maxDistance, minMargin: 0 });
      const view = await this.#view(match, model.maxDistance, match.personId ?? only);
      return match.reason === 'distance' ? { ...view, reasons: ['claim-not-met'] } : view;
    });
  }

  /**
   * Who the one face of a picture is.
   * @throws LatchkeyError `invalid-input` without a picture, and codes of pictures.
   */
  async recognize(picture: UploadedPicture | null): Promise<RecognitionView> {
    return this.#withPicture(picture, async (file) => {
      const model = await this.analysis.model();
      const { encoding } = await this.analysis.oneFace(() => readFile(file.path), file.name);
      const gallery = await this.faces.everybody(this.database, model);
      const { identifyMaxDistance: maxDistance, minMargin } = model;
      const match = gallery.match(encoding, { maxDistance, minMargin });
      return this.#view(match, maxDistance, match.decision === 'match' ? match.personId : null);
    });
  }

  async #withPicture<T>(picture: UploadedPicture | null, work: (file: UploadedPicture) => Promise<T>): Promise<T> {
    if (!picture) {
      throw new LatchkeyError('invalid-input', 'There is no picture in the request; send one in the field "photo".');
    }
    try {
      return await work(picture);
    } finally {
      await rm(picture.path, { force: true });
    }
  }

  async #view(match: GalleryMatch, maxDistance: number, personId: string | null): Promise<RecognitionView> {
    return {
      granted: match.decision === 'match',
      personId,
      name: personId === null ? null : await this.repository.name(personId),
      distance: match.distance,
      maxDistance,
      margin: match.margin,
      reasons: [match.reason === null ? 'matched' : reasonOf[match.reason]],
    };
  }
}

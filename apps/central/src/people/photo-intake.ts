import { readFile, rm } from 'node:fs/promises';
import { type EnrolmentResponse, type PhotoView, qualityReason } from '@latchkey/contracts';
import {
  assertEnrollable,
  type EnrolmentWarningCode,
  type ErrorCode,
  isLatchkeyError,
  LatchkeyError,
} from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import type { UploadedPicture } from '../http/uploads.ts';
import { type EnrolledFace, FaceAnalysis } from '../recognition/face-analysis.ts';
import { EnrolmentService, type FaceOutcome, type PhotoResult } from './enrolment.service.ts';
import type { FaceToEnrol } from './face-to-enrol.ts';
import { PersonRepository } from './person.repository.ts';
import { noSuchPerson } from './person-gallery.ts';
import { PhotoRepository } from './photo.repository.ts';

/** Codes that tell about one picture and leave the others alone; any other error fails the request. */
const pictureCodes: ReadonlySet<ErrorCode> = new Set([
  'not-an-image',
  'image-truncated',
  'image-too-large',
  'no-face',
  'several-faces',
  'low-quality',
  'not-a-number',
]);

type Judged = { readonly result: PhotoResult; readonly face: EnrolledFace | null };

/** Photos as they are uploaded and shown. */
@Injectable()
export class PhotoIntake {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PersonRepository) private readonly people: PersonRepository,
    @Inject(PhotoRepository) private readonly photos: PhotoRepository,
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(EnrolmentService) private readonly enrolment: EnrolmentService,
  ) {}

  /**
   * Enrols a person from uploaded pictures, one after another; the uploads are deleted in any case.
   * @param acceptDespite what is known of the faces and no reason to refuse them.
   * @throws LatchkeyError `not-found`; `invalid-input` without a picture; the first picture's code, with all `results` in its
   * details, when none was accepted.
   */
  async enrol(
    personId: string,
    files: readonly UploadedPicture[],
    acceptDespite: readonly EnrolmentWarningCode[],
  ): Promise<EnrolmentResponse> {
    try {
      await this.#assertPerson(personId);
      if (files.length === 0) {
        throw new LatchkeyError(
          'invalid-input',
          'There is no picture in the request; send files in the field "photos".',
        );
      }
      const judged: Judged[] = [];
      for (const file of files) judged.push(await this.#judge(file));
      return { results: await this.#store(personId, judged, acceptDespite) };
    } finally {
      await Promise.all(files.map(({ path }) => rm(path, { force: true })));
    }
  }

  /** A person's photos, oldest first. @throws LatchkeyError `not-found`. */
  async list(personId: string): Promise<PhotoView[]> {
    await this.#assertPerson(personId);
    return this.photos.list(this.database, personId);
  }

  /** A photo's JPEG. @throws LatchkeyError `not-found`. */
  async jpeg(personId: string, photoId: string): Promise<Buffer> {
    const jpeg = await this.photos.jpeg(this.database, personId, photoId);
    if (!jpeg) throw new LatchkeyError('not-found', `Person ${personId} has no photo ${photoId}.`);
    return jpeg;
  }

  async #assertPerson(personId: string): Promise<void> {
    if (!(await this.people.find(this.database, personId))) throw noSuchPerson(personId);
  }

  async #judge({ path, name }: UploadedPicture): Promise<Judged> {
    try {
      const face = await this.analysis.oneFace(() => readFile(path), name);
      assertEnrollable(face.quality, name);
      return { result: { file: name, accepted: true, quality: face.quality.score }, face };
    } catch (error) {
      if (!isLatchkeyError(error) || !pictureCodes.has(error.code)) throw error;
      const { code, message, details } = error;
      const reasons = qualityReason.array().safeParse(details['reasons']).data;
      return { result: { file: name, accepted: false, code, message, ...(reasons && { reasons }) }, face: null };
    }
  }

  async #store(
    personId: string,
    judged: readonly Judged[],
    acceptDespite: readonly EnrolmentWarningCode[],
  ): Promise<PhotoResult[]> {
    const faces = judged.flatMap(({ face, result }) => (face ? [toEnrol(face, result.file)] : []));
    const outcomes = faces.length > 0 ? await this.enrolment.enrol(personId, faces, acceptDespite) : [];
    let next = 0;
    const results = judged.map(({ result, face }) => (face ? resultOf(result, outcomes[next++]) : result));
    if (!results.some(({ accepted }) => accepted)) throw noneAccepted(results);
    return results;
  }
}

function resultOf(result: PhotoResult, outcome: FaceOutcome | undefined): PhotoResult {
  const { refusal = null, photoId = null } = outcome ?? {};
  if (!refusal) return photoId === null ? result : { ...result, photoId };
  const { code, message, details } = refusal;
  const { nearestPersonId } = details;
  return {
    ...result,
    accepted: false,
    code,
    message,
    ...(typeof nearestPersonId === 'string' ? { nearestPersonId } : {}),
  };
}

function toEnrol({ encoding, jpeg, quality }: EnrolledFace, fileName: string): FaceToEnrol {
  return {
    source: fileName,
    encoding: { ...encoding, eventId: null },
    photo: { fileName, jpeg, quality: quality.score, eventId: null },
  };
}

function noneAccepted(results: readonly PhotoResult[]): LatchkeyError {
  const [first] = results;
  const code = (first?.code ?? 'invalid-input') as ErrorCode;
  const message =
    results.length === 1
      ? (first?.message ?? '')
      : `None of the ${results.length} pictures was accepted; see "results".`;
  return new LatchkeyError(code, message, { details: { results } });
}

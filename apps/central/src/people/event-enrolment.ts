import { type EnrolmentResponse, encodingFromBase64, type FaceBody, faceBody } from '@latchkey/contracts';
import { type EnrolmentWarningCode, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import { FaceAnalysis } from '../recognition/face-analysis.ts';
import { EnrolmentService } from './enrolment.service.ts';
import { type EventFace, EventFaceRepository } from './event-face.repository.ts';

/** Enrols faces that a device has seen and nobody is enrolled for. */
@Injectable()
export class EventEnrolment {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EventFaceRepository) private readonly events: EventFaceRepository,
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(EnrolmentService) private readonly enrolment: EnrolmentService,
  ) {}

  /**
   * Enrols the face of an `unknown` event by the encoding that the device has made of it; its picture becomes a photo.
   * @throws LatchkeyError `not-found` for person or event, `invalid-input` for an event without a face to enrol, `conflict` when
   * it is enrolled already, `model-mismatch` when the device runs another model, `near-another-person` and `far-from-own-photos`
   * unless it is accepted despite them.
   */
  async enrol(
    personId: string,
    eventId: string,
    acceptDespite: readonly EnrolmentWarningCode[],
  ): Promise<EnrolmentResponse> {
    const event = await this.events.find(this.database, eventId);
    if (!event) throw new LatchkeyError('not-found', `There is no event ${eventId}; it may be older than the log.`);
    const face = enrollableFace(eventId, event);
    const model = await this.analysis.model();
    const values = encodingFromBase64(face.encoding);
    if (face.modelId !== model.id || values.length !== model.dimension) {
      throw new LatchkeyError(
        'model-mismatch',
        `The device made this encoding with "${face.modelId}", and central uses "${model.id}"; enrol the person from a photo.`,
      );
    }
    const file = `event-${eventId}.jpg`;
    const photo = event.jpeg && { fileName: file, jpeg: event.jpeg, quality: face.quality, eventId };
    const faces = [{ source: 'this event', encoding: { modelId: face.modelId, values, eventId }, photo }];
    const [outcome] = await this.enrolment.enrol(personId, faces, acceptDespite);
    if (outcome?.refusal) throw outcome.refusal;
    const photoId = outcome?.photoId;
    return {
      results: [
        {
          file,
          accepted: true,
          ...(photoId ? { photoId } : {}),
          ...(face.quality === null ? {} : { quality: face.quality }),
        },
      ],
    };
  }
}

function enrollableFace(eventId: string, { kind, body }: EventFace): FaceBody & { encoding: string } {
  const parsed = faceBody.safeParse(body);
  if (kind !== 'unknown' || !parsed.success || parsed.data.encoding === null) {
    throw new LatchkeyError(
      'invalid-input',
      `Event ${eventId} is of kind "${kind}" and has no encoding to enrol; choose an unknown face, or a photo.`,
    );
  }
  return { ...parsed.data, encoding: parsed.data.encoding };
}

import type { GalleryAsk } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { type Asker, GalleryAnswers } from './gallery-answers.ts';
import { MessagePublisher } from './message-publisher.ts';

/** Devices' questions about galleries. */
@Injectable()
export class GalleryService {
  constructor(
    @Inject(GalleryAnswers) private readonly answers: GalleryAnswers,
    @Inject(MessagePublisher) private readonly publisher: MessagePublisher,
  ) {}

  /** Answers a question on the device's own topic. */
  async answer(asker: Asker, ask: GalleryAsk): Promise<void> {
    for (const answer of await this.answers.answer(asker, ask)) {
      await this.publisher.publish('galleryAnswer', { site: asker.siteId, device: asker.deviceId }, answer);
    }
  }
}

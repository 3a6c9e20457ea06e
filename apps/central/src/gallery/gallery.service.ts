import type { GalleryAsk } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Turns } from '../runtime/turns.ts';
import { type Asker, GalleryAnswers } from './gallery-answers.ts';
import { MessagePublisher } from './message-publisher.ts';

/** Answers that are made at once: a snapshot is in memory until it is sent, and after a restart every device asks. */
const answersAtOnce = 4;

/** Devices' questions about galleries. */
@Injectable()
export class GalleryService {
  readonly #turns = new Turns(answersAtOnce);

  constructor(
    @Inject(GalleryAnswers) private readonly answers: GalleryAnswers,
    @Inject(MessagePublisher) private readonly publisher: MessagePublisher,
  ) {}

  /** Answers a question on the device's own topic. */
  async answer(asker: Asker, ask: GalleryAsk): Promise<void> {
    await this.#turns.take(async () => {
      for (const answer of await this.answers.answer(asker, ask)) {
        await this.publisher.publish('galleryAnswer', { site: asker.siteId, device: asker.deviceId }, answer);
      }
    });
  }
}

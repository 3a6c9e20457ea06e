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
  /** The newest question of each device about each group that is not answered yet. */
  readonly #newest = new Map<string, string>();

  constructor(
    @Inject(GalleryAnswers) private readonly answers: GalleryAnswers,
    @Inject(MessagePublisher) private readonly publisher: MessagePublisher,
  ) {}

  /**
   * Answers a question on the device's own topic, unless the device has asked anew before its turn came: it takes no answer to the
   * earlier one any more, and a fleet that asks for everything at once would be answered nothing but what is too late.
   */
  async answer(asker: Asker, ask: GalleryAsk): Promise<void> {
    const key = `${asker.siteId}/${asker.deviceId}/${ask.groupId}`;
    this.#newest.set(key, ask.nonce);
    await this.#turns.take(async () => {
      if (this.#newest.get(key) !== ask.nonce) return;
      this.#newest.delete(key);
      for (const answer of await this.answers.answer(asker, ask)) {
        await this.publisher.publish('galleryAnswer', { site: asker.siteId, device: asker.deviceId }, answer);
      }
    });
  }
}

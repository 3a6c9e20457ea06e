import { describe, expect, it } from '@jest/globals';
import type { GalleryAnswer, GalleryAsk } from '@latchkey/contracts';
import { GalleryService } from './gallery.service.ts';
import type { Asker, GalleryAnswers } from './gallery-answers.ts';
import type { MessagePublisher } from './message-publisher.ts';

const front: Asker = { siteId: 'main', deviceId: 'front' };

function anAsk(nonce: string, groupId = 'staff'): GalleryAsk {
  return { nonce, groupId, epoch: 0, revision: 0, logHash: null, contentHash: null, modelId: 'any' };
}

/** The service with answers that are made when the test says so. */
class Bench {
  readonly made: string[] = [];
  readonly said: string[] = [];
  private waiting: (() => void)[] = [];
  readonly service: GalleryService;

  constructor() {
    const answers = {
      answer: async (_: Asker, { nonce, groupId }: GalleryAsk) => {
        this.made.push(nonce);
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        return [{ type: 'gone', nonce, groupId } as GalleryAnswer];
      },
    } as GalleryAnswers;
    const publisher = {
      publish: async (_: unknown, __: unknown, { nonce }: GalleryAnswer) => {
        this.said.push(nonce);
      },
    } as unknown as MessagePublisher;
    this.service = new GalleryService(answers, publisher);
  }

  /** Lets everything be made that is asked for, to the last. */
  async finish(asked: readonly Promise<void>[]): Promise<void> {
    let done = false;
    const all = Promise.all(asked).then(() => {
      done = true;
    });
    while (!done) {
      for (const resolve of this.waiting.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
  }
}

describe('questions about galleries', () => {
  it('are not answered any more when the device has asked anew before their turn', async () => {
    const bench = new Bench();
    const others = ['a', 'b', 'c', 'd'].map((id) => bench.service.answer({ ...front, deviceId: id }, anAsk(id)));
    const asked = ['one', 'two', 'three'].map((nonce) => bench.service.answer(front, anAsk(nonce)));
    await bench.finish([...others, ...asked]);
    expect(bench.made).toEqual(['a', 'b', 'c', 'd', 'three']);
    expect(bench.said).toEqual(['a', 'b', 'c', 'd', 'three']);
  });

  it('are all answered when they are about several groups, or come one after the other', async () => {
    const bench = new Bench();
    await bench.finish([
      bench.service.answer(front, anAsk('one')),
      bench.service.answer(front, anAsk('two', 'guests')),
    ]);
    await bench.finish([bench.service.answer(front, anAsk('three'))]);
    expect(bench.said).toEqual(['one', 'two', 'three']);
  });
});

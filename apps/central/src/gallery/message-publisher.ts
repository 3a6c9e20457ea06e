import type { PayloadOf, TopicParams } from '@latchkey/contracts';

/** Topics that this slice writes. */
export type GalleryTopic = 'groupChanges' | 'galleryAnswer';

/** What this slice needs of the link to the broker; its injection token. */
export abstract class MessagePublisher {
  /**
   * Publishes a message as its topic says (signed, QoS, retained); resolves when the broker has it.
   * @throws LatchkeyError `broker-unavailable`.
   */
  abstract publish<N extends GalleryTopic>(name: N, params: TopicParams, payload: PayloadOf<N>): Promise<void>;
}

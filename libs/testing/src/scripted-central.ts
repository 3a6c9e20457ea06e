import {
  buildTopic,
  type DesiredConfig,
  decodePayload,
  deviceAudience,
  encodePayload,
  type GalleryAnswer,
  type GalleryAsk,
  groupAudience,
  type WireGalleryChange,
} from '@latchkey/contracts';
import type { SigningKeys } from '@latchkey/link';
import type { BusClient } from './memory-bus.ts';
import type { ScriptedGallery } from './scripted-gallery.ts';

/** Options of a {@link ScriptedCentral}. */
export interface ScriptedCentralOptions {
  readonly messenger: BusClient;
  readonly keys: SigningKeys;
  readonly siteId: string;
  readonly deviceId: string;
  /** Its wall clock. */
  readonly now: () => number;
}

/** Central towards one device: answers its questions out of scripted galleries and signs what it says. */
export class ScriptedCentral {
  readonly galleries = new Map<string, ScriptedGallery>();
  /** Every question that came. */
  readonly asks: GalleryAsk[] = [];
  /** While false, questions are only noted. */
  answers = true;
  private readonly options: ScriptedCentralOptions;

  constructor(options: ScriptedCentralOptions) {
    this.options = options;
  }

  /** Begins to listen. */
  start(): void {
    const { messenger, siteId, deviceId } = this.options;
    messenger.subscribe(buildTopic('galleryAsk', { site: siteId, device: deviceId }), ({ payload }) => {
      const ask = decodePayload('galleryAsk', payload);
      this.asks.push(ask);
      if (this.answers) for (const answer of this.answersTo(ask)) this.answer(answer);
    });
  }

  /** What is to be said to a question. */
  answersTo(ask: GalleryAsk): GalleryAnswer[] {
    const centralTime = new Date(this.options.now()).toISOString();
    const gallery = this.galleries.get(ask.groupId);
    if (gallery) return gallery.answer(ask, centralTime);
    return [{ type: 'gone', nonce: ask.nonce, groupId: ask.groupId, centralTime, databaseEpoch: 1 }];
  }

  /** Publishes an answer. */
  answer(answer: GalleryAnswer): void {
    const { messenger } = this.options;
    const { topic, text } = this.signedAnswer(answer);
    void messenger.publish(topic, text);
  }

  /** An answer, signed. */
  signedAnswer(answer: GalleryAnswer): { topic: string; text: string } {
    const { keys, siteId, deviceId } = this.options;
    const topic = buildTopic('galleryAnswer', { site: siteId, device: deviceId });
    const payload = encodePayload('galleryAnswer', answer);
    return { topic, text: keys.sign('gallery', { topic, audience: deviceAudience(siteId, deviceId), payload }) };
  }

  /** Publishes a change to its group. */
  change(change: WireGalleryChange): void {
    const { topic, text } = this.signedChange(change);
    void this.options.messenger.publish(topic, text);
  }

  /** A change, signed. */
  signedChange(change: WireGalleryChange): { topic: string; text: string } {
    const { keys } = this.options;
    const { siteId, groupId } = change;
    const topic = buildTopic('groupChanges', { site: siteId, group: groupId });
    const payload = encodePayload('groupChanges', change);
    return { topic, text: keys.sign('gallery', { topic, audience: groupAudience(siteId, groupId), payload }) };
  }

  /** Publishes the configuration that the device shall run, retained. */
  configure(config: DesiredConfig): void {
    const { messenger, keys, siteId, deviceId } = this.options;
    const topic = buildTopic('configDesired', { site: siteId, device: deviceId });
    const payload = encodePayload('configDesired', config);
    const text = keys.sign('config', { topic, audience: deviceAudience(siteId, deviceId), payload });
    void messenger.publish(topic, text, { retain: true });
  }
}

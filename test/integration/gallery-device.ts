import { randomBytes } from 'node:crypto';
import {
  type AgentIdentity,
  buildTopic,
  changeFromWire,
  decodePayload,
  deviceAudience,
  encodingFromBase64,
  type GalleryAnswer,
  type GalleryAsk,
  type GalleryReported,
  groupAudience,
} from '@latchkey/contracts';
import {
  applyOperations,
  type GalleryChange,
  type GalleryContent,
  type GalleryEncoding,
  type GalleryPerson,
} from '@latchkey/domain';
import { openSigned } from '@latchkey/link';
import { eventually } from '@latchkey/testing';
import { RawDevice } from './raw-device.ts';

/** Where a device says that it stands. */
export type Standing = Pick<GalleryAsk, 'epoch' | 'revision' | 'logHash' | 'contentHash'>;

/** A device that never held anything. */
export const nothing: Standing = { epoch: 0, revision: 0, logHash: null, contentHash: null };

/** A device that asks about galleries and keeps what central says, as far as its signatures are right. */
export class GalleryDevice {
  readonly raw: RawDevice;
  readonly changes: GalleryChange[] = [];
  readonly #answers: GalleryAnswer[] = [];
  /** Longest message that came. */
  longestBytes = 0;

  constructor(identity: AgentIdentity, groupIds: readonly string[]) {
    this.raw = new RawDevice(identity);
    const { siteId: site, deviceId: device } = identity;
    const answers = buildTopic('galleryAnswer', { site, device });
    this.raw.session.subscribe(answers, ({ payload }) => {
      this.#answers.push(decodePayload('galleryAnswer', this.#open(answers, deviceAudience(site, device), payload)));
    });
    for (const group of groupIds) {
      const changes = buildTopic('groupChanges', { site, group });
      this.raw.session.subscribe(changes, ({ payload }) => {
        const text = this.#open(changes, groupAudience(site, group), payload);
        this.changes.push(changeFromWire(decodePayload('groupChanges', text)));
      });
    }
  }

  /** All messages that answer one question. */
  async ask(groupId: string, standing: Standing, modelId = 'any'): Promise<GalleryAnswer[]> {
    const { siteId: site, deviceId: device } = this.raw.identity;
    const nonce = randomBytes(16).toString('hex');
    const ask: GalleryAsk = { nonce, groupId, modelId, ...standing };
    await this.raw.session.publish(buildTopic('galleryAsk', { site, device }), JSON.stringify(ask));
    return eventually(`the answer about ${groupId}`, () => {
      const mine = this.#answers.filter((answer) => answer.nonce === nonce);
      const [first] = mine;
      const expected = first?.type === 'snapshot' ? first.chunks : 1;
      return mine.length === expected && mine;
    });
  }

  /** Waits for the change that ends at a revision. */
  change(groupId: string, revision: number): Promise<GalleryChange> {
    return eventually(`change ${revision} of ${groupId}`, () =>
      this.changes.find((change) => change.groupId === groupId && change.to === revision),
    );
  }

  /** Says what it holds. */
  async report(groups: GalleryReported['groups']): Promise<void> {
    const { siteId: site, deviceId: device } = this.raw.identity;
    const reported: GalleryReported = { reportedAt: new Date().toISOString(), groups };
    await this.raw.session.publish(buildTopic('galleryReported', { site, device }), JSON.stringify(reported), {
      retain: true,
    });
  }

  #open(topic: string, audience: string, payload: Uint8Array): string {
    this.longestBytes = Math.max(this.longestBytes, payload.byteLength);
    const { trustedKeys } = this.raw.identity;
    return openSigned(payload, { topic, audience, purpose: 'gallery', trustedKeys });
  }
}

/** The gallery out of a snapshot's chunks. */
export function contentOf(answers: readonly GalleryAnswer[]): GalleryContent {
  const content = { persons: new Map<string, GalleryPerson>(), encodings: new Map<string, GalleryEncoding>() };
  for (const answer of answers) {
    if (answer.type !== 'snapshot') throw new Error(`"${answer.type}" is no snapshot.`);
    for (const person of answer.persons) content.persons.set(person.personId, person);
    for (const { values, ...rest } of answer.encodings) {
      content.encodings.set(rest.encodingId, { ...rest, values: encodingFromBase64(values) });
    }
  }
  return content;
}

/** The gallery after changes. */
export function replay(content: GalleryContent, changes: readonly GalleryChange[]): GalleryContent {
  return changes.reduce((before, { operations }) => applyOperations(before, operations), content);
}

/** A gallery without anybody. */
export const emptyContent: GalleryContent = { persons: new Map(), encodings: new Map() };

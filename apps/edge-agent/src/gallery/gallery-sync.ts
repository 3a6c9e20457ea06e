import {
  type AgentIdentity,
  buildTopic,
  changeFromWire,
  encodePayload,
  type GalleryAnswer,
  type GalleryAsk,
  type GalleryReported,
} from '@latchkey/contracts';
import type { ClockReading } from '@latchkey/domain';
import type { Subscription } from '@latchkey/link';
import type { Logger } from 'pino';
import type { DeviceConfiguration } from '../configuration/device-configuration.ts';
import type { Messenger } from '../messages/messenger.ts';
import type { SignedInbox } from '../messages/signed-inbox.ts';
import type { Feature } from '../runtime/feature.ts';
import type { GalleryRepository } from '../store/gallery.repository.ts';
import { type CentralSigns, GroupSync, type GroupSyncOptions } from './group-sync.ts';
import { HeldGallery } from './held-gallery.ts';
import type { LiveGallery } from './live-gallery.ts';

const tickMs = 1_000;
/** Changes that come together are reported together. */
const reportDelayMs = 50;
/** Rows deleted in one step, so that the loop is never busy for long. */
const purgeRows = 500;

/** Options of {@link GallerySync}. */
export interface GallerySyncOptions {
  readonly messenger: Messenger;
  readonly inbox: SignedInbox;
  readonly identity: AgentIdentity;
  readonly configuration: DeviceConfiguration;
  readonly repository: GalleryRepository;
  readonly live: LiveGallery;
  readonly reading: () => ClockReading;
  readonly newNonce: () => string;
  readonly onFailed: (message: string) => void;
  readonly onCentral: GroupSyncOptions['onCentral'];
  readonly logger: Logger;
}

/** The next tick does. */
const notPurged = 'rows of earlier galleries could not be deleted; trying again later';

interface FollowedGroup {
  readonly sync: GroupSync;
  readonly subscription: Subscription;
}

/** Keeps the galleries of the device's groups equal to central's and reports what is held (PROTOCOL.md §3). */
export class GallerySync implements Feature {
  readonly name = 'gallery';
  private readonly options: GallerySyncOptions;
  private readonly groups = new Map<string, FollowedGroup>();
  private answers: Subscription | null = null;
  private ticking: NodeJS.Timeout | null = null;
  private reporting: NodeJS.Timeout | null = null;
  private purging: NodeJS.Immediate | null = null;
  /** Whether what is held no more is off the disk: only then is told what is held. */
  private purged = false;
  private stopListening: (() => void)[] = [];

  constructor(options: GallerySyncOptions) {
    this.options = options;
  }

  start(): void {
    if (this.answers) return;
    const { inbox, configuration, messenger } = this.options;
    this.answers = inbox.subscribe('galleryAnswer', null, (answer) => this.dispatch(answer));
    this.follow(this.firstGroupIds());
    this.stopListening = [
      configuration.onChange(({ groupIds }) => this.follow(groupIds)),
      messenger.onConnected(() => this.connected()),
    ];
    this.ticking = setInterval(() => this.tick(), tickMs);
    this.purgeSoon();
  }

  async stop(): Promise<void> {
    for (const stop of this.stopListening) stop();
    this.stopListening = [];
    if (this.ticking) clearInterval(this.ticking);
    if (this.reporting) clearTimeout(this.reporting);
    if (this.purging) clearImmediate(this.purging);
    this.ticking = null;
    this.reporting = null;
    this.purging = null;
    const subscriptions = [this.answers, ...[...this.groups.values()].map(({ subscription }) => subscription)];
    this.answers = null;
    this.groups.clear();
    await Promise.all(subscriptions.map((subscription) => subscription?.close()));
  }

  /** Asks for every gallery as a whole. @returns how many there are. */
  resync(): number {
    for (const { sync } of this.groups.values()) sync.resync();
    return this.groups.size;
  }

  /** Forgets every gallery, in memory and, where the disk lets it, there too; follows none any more. */
  forget(): void {
    const syncs = [...this.groups.values()].map(({ sync }) => sync);
    void this.stop();
    for (const sync of syncs) this.drop(sync.groupId, () => sync.drop());
  }

  /** A gallery leaves memory whatever the disk says; the next start drops what is left there. */
  private drop(groupId: string, drop: () => void): void {
    this.attempt('a gallery is forgotten, but not deleted from the disk', drop, { groupId });
  }

  /** While nobody knows which groups are wanted, those that are held: what is dropped would be gone until central speaks. */
  private firstGroupIds(): readonly string[] {
    const { configuration, repository } = this.options;
    if (!configuration.unknown) return configuration.current.groupIds;
    return repository.heads().flatMap(({ groupId, intact }) => (intact ? [groupId] : []));
  }

  /** Follows exactly these groups: the galleries of all others are dropped. */
  private follow(groupIds: readonly string[]): void {
    for (const [groupId, { sync, subscription }] of this.groups) {
      if (groupIds.includes(groupId)) continue;
      this.groups.delete(groupId);
      void subscription.close();
      this.drop(groupId, () => sync.drop());
    }
    const { repository, live, inbox, identity } = this.options;
    const stored = repository.heads();
    for (const { groupId } of stored) {
      if (!groupIds.includes(groupId)) this.drop(groupId, () => repository.drop(groupId));
    }
    for (const groupId of groupIds) {
      if (this.groups.has(groupId)) continue;
      const sync = this.syncOf(new HeldGallery(identity.siteId, groupId, repository, live));
      const head = stored.find((head) => head.groupId === groupId);
      if (head) sync.load(head);
      const subscription = inbox.subscribe('groupChanges', groupId, (change) =>
        sync.receiveChange(changeFromWire(change)),
      );
      this.groups.set(groupId, { sync, subscription });
      if (this.options.messenger.connected) sync.connected();
    }
    this.changed();
  }

  private syncOf(gallery: HeldGallery): GroupSync {
    const { identity, live, repository, reading, newNonce, onFailed, logger } = this.options;
    return new GroupSync({
      siteId: identity.siteId,
      modelId: live.modelId,
      gallery,
      repository,
      reading,
      newNonce,
      send: (ask) => this.send(ask),
      onChanged: () => this.changed(),
      onFailed: (message) => {
        logger.error({ groupId: gallery.groupId }, message);
        onFailed(message);
      },
      onCentral: (central, asked) => this.passOn(central, asked),
    });
  }

  /** What others make of an answer never keeps a gallery from it: somebody who was taken out must not get in meanwhile. */
  private passOn(central: CentralSigns, asked: ClockReading): void {
    this.attempt('what central says of itself could not be stored; its next answer says it again', () =>
      this.options.onCentral(central, asked),
    );
  }

  private dispatch(answer: GalleryAnswer): void {
    const groupId = answer.type === 'gone' ? answer.groupId : answer.head.groupId;
    const group = this.groups.get(groupId);
    // The configuration may have changed since the question: nothing is applied, and nobody is to blame.
    if (group) group.sync.receiveAnswer(answer);
    else this.options.logger.warn({ groupId }, 'an answer came about a group that is not followed');
  }

  private connected(): void {
    if (this.purged) this.report();
    for (const { sync } of this.groups.values()) sync.connected();
  }

  private tick(): void {
    if (!this.options.messenger.connected) return;
    for (const { sync } of this.groups.values()) sync.tick();
    if (!this.purged && !this.reporting) this.purgeSoon();
  }

  private send(ask: GalleryAsk): void {
    const { siteId: site, deviceId: device } = this.options.identity;
    void this.options.messenger.publish(buildTopic('galleryAsk', { site, device }), encodePayload('galleryAsk', ask));
  }

  private changed(): void {
    this.purged = false;
    this.purgeSoon();
  }

  private report(): void {
    const { siteId: site, deviceId: device } = this.options.identity;
    const reported: GalleryReported = {
      reportedAt: new Date(this.options.reading().now).toISOString(),
      groups: [...this.groups].flatMap(([groupId, { sync }]) => {
        const holding = sync.holding;
        if (!holding) return [];
        const { epoch, revision, contentHash, persons, encodings } = holding;
        return [{ groupId, epoch, revision, contentHash, persons, encodings, state: sync.state }];
      }),
    };
    this.options.logger.debug({ groups: reported.groups }, 'gallery');
    void this.options.messenger.publish(
      buildTopic('galleryReported', { site, device }),
      encodePayload('galleryReported', reported),
      { qos: 1, retain: true },
    );
  }

  private purgeSoon(): void {
    this.purging ??= setImmediate(() => {
      this.purging = null;
      const staged = [...this.groups].flatMap(([groupId, { sync }]): [string, number][] =>
        sync.stagedGeneration === null ? [] : [[groupId, sync.stagedGeneration]],
      );
      const isMore = this.attempt(notPurged, () => this.options.repository.purge(purgeRows, new Map(staged)));
      if (isMore) this.purgeSoon();
      else if (isMore === false) this.reportSoon();
    });
  }

  /** Central takes a report as the word that nothing else is on the device: the log of the database is emptied before it. */
  private reportSoon(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = null;
      // Something changed meanwhile, and is purged first.
      if (this.purging) return;
      this.purged = this.attempt(notPurged, () => this.options.repository.forgetDeleted()) !== null;
      if (this.purged) this.report();
    }, reportDelayMs);
  }

  /** What a step gives, null when it failed, which is logged. */
  private attempt<T>(whenItFails: string, step: () => T, about: { readonly groupId?: string } = {}): T | null {
    try {
      return step();
    } catch (error) {
      this.options.logger.error({ error, ...about }, whenItFails);
      return null;
    }
  }
}

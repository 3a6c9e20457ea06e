import {
  type GalleryChange,
  type GalleryHead,
  genesisHash,
  isLatchkeyError,
  judgeChange,
  logHashAfter,
} from '@latchkey/domain';
import type { GalleryRepository, ReadHead } from '../store/gallery.repository.ts';
import type { StoredHead } from '../store/stored-head.ts';
import { GroupRows } from './group-rows.ts';
import type { LiveGallery } from './live-gallery.ts';

/** A gallery at one moment. */
interface Version {
  readonly head: StoredHead;
  readonly rows: GroupRows;
}

/** What became of a change. `diverged`: it follows, and yet does not fit the rows. */
export type Followed = 'applied' | 'ignored' | 'gap' | 'diverged';

/**
 * One group's gallery as the device has it: on disk, in memory, and in the live index, in this order. Memory changes only
 * after the disk did, so a failure or a crash leaves the old one or the new one.
 */
export class HeldGallery {
  readonly groupId: string;
  private readonly siteId: string;
  private readonly repository: GalleryRepository;
  private readonly live: LiveGallery;
  private version: Version | null = null;
  private locked = false;

  constructor(siteId: string, groupId: string, repository: GalleryRepository, live: LiveGallery) {
    this.siteId = siteId;
    this.groupId = groupId;
    this.repository = repository;
    this.live = live;
  }

  /** Null: nothing is held. */
  get head(): GalleryHead | null {
    return this.version?.head ?? null;
  }

  /** Number of persons and encodings. */
  get counts(): { readonly persons: number; readonly encodings: number } {
    const rows = this.version?.rows ?? GroupRows.empty;
    return { persons: rows.persons.size, encodings: rows.encodings.size };
  }

  /**
   * Takes what lies on disk if the head is the one that was written and the rows are those that it names.
   * @returns whether they are; otherwise the gallery is dropped.
   */
  load({ intact, ...head }: ReadHead): boolean {
    const rows = intact ? this.intactRows(head) : null;
    if (rows === null) {
      this.drop();
      return false;
    }
    this.show({ head, rows });
    return true;
  }

  /** Whether the rows on disk are still those that the head names; where nothing is held they are. */
  isIntact(): boolean {
    const head = this.version?.head;
    return head === undefined || this.intactRows(head) !== null;
  }

  /** The rows on disk, null when they are not those that the head names. */
  private intactRows({ generation, contentHash }: StoredHead): GroupRows | null {
    try {
      const rows = GroupRows.of(this.repository.content(this.groupId, generation));
      return rows.contentHash() === contentHash ? rows : null;
    } catch {
      // Rows that cannot be read are as altered as rows that say something else.
      return null;
    }
  }

  /**
   * Applies a change if it follows what is held.
   * @throws LatchkeyError `storage-full`, `storage-failed`, `storage-corrupt`; nothing has changed then.
   */
  follow(change: GalleryChange): Followed {
    if (!this.version) return 'gap';
    const verdict = judgeChange(this.version.head, change);
    if (verdict !== 'apply') return verdict === 'ask' ? 'gap' : 'ignored';
    try {
      const next = after(this.version, change);
      this.repository.apply(next.head, change.operations);
      this.show(next);
      return 'applied';
    } catch (error) {
      if (isLatchkeyError(error, 'gallery-diverged')) return 'diverged';
      throw error;
    }
  }

  /**
   * Replaces everything by what these changes make of an empty gallery of an epoch.
   * @returns `diverged` when they do not follow each other, and nothing has changed.
   */
  rebuild(epoch: number, changes: readonly GalleryChange[]): Followed {
    const rows = GroupRows.empty;
    let next: Version = {
      rows,
      head: {
        groupId: this.groupId,
        generation: this.newGeneration(),
        epoch,
        revision: 0,
        logHash: genesisHash(this.siteId, this.groupId, epoch),
        contentHash: rows.contentHash(),
      },
    };
    for (const change of changes) {
      if (judgeChange(next.head, change) !== 'apply') return 'diverged';
      try {
        next = after(next, change);
      } catch (error) {
        if (isLatchkeyError(error, 'gallery-diverged')) return 'diverged';
        throw error;
      }
    }
    const { persons, encodings } = next.rows;
    this.repository.stage(this.groupId, next.head.generation, [...persons.values()], [...encodings.values()]);
    this.replace(next.head, next.rows);
    return 'applied';
  }

  /** Takes a head for which there are no rows, if that is what it says; otherwise nothing changes. */
  adoptEmpty({ epoch, revision, logHash, contentHash }: GalleryHead): void {
    const rows = GroupRows.empty;
    if (contentHash !== rows.contentHash()) return;
    const { groupId } = this;
    this.replace({ groupId, generation: this.newGeneration(), epoch, revision, logHash, contentHash }, rows);
  }

  /** A generation for rows that are written beside the gallery. */
  newGeneration(): number {
    return this.repository.newGeneration(this.groupId);
  }

  /** Makes rows that are on disk as `head.generation` the gallery. */
  replace(head: StoredHead, rows: GroupRows): void {
    this.repository.swap(head);
    this.show({ head, rows });
  }

  /** Forgets the gallery, in memory first: nobody of it may be recognised even if the disk cannot be written. */
  drop(): void {
    this.version = null;
    this.locked = false;
    this.live.drop(this.groupId);
    this.repository.drop(this.groupId);
  }

  /** Nobody of it is recognised any more; changes are still followed. */
  lock(): void {
    this.locked = true;
    this.live.lock(this.groupId);
  }

  /** Its people are recognised again. */
  unlock(): void {
    this.locked = false;
    if (this.version) this.show(this.version);
    else this.live.drop(this.groupId);
  }

  private show(version: Version): void {
    this.version = version;
    if (!this.locked) this.live.set(this.groupId, version.head.revision, version.rows);
  }
}

function after({ head, rows }: Version, change: GalleryChange): Version {
  const next = rows.after(change.operations);
  return {
    rows: next,
    head: { ...head, revision: change.to, logHash: logHashAfter(change), contentHash: next.contentHash() },
  };
}

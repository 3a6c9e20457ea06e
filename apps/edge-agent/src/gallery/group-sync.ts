import { changeFromWire, type GalleryAnswer, type GalleryAsk, type WireGalleryHead } from '@latchkey/contracts';
import { type ClockReading, type EpochMs, type GalleryChange, type GalleryHead, LatchkeyError } from '@latchkey/domain';
import type { GalleryRepository, ReadHead } from '../store/gallery.repository.ts';
import { AskLedger, type OutstandingAsk } from './ask-ledger.ts';
import type { HeldGallery } from './held-gallery.ts';
import { SnapshotAssembly, type SnapshotPart } from './snapshot-assembly.ts';

/** What a group's synchronisation needs of the world. */
export interface GroupSyncOptions {
  readonly siteId: string;
  readonly modelId: string;
  readonly gallery: HeldGallery;
  readonly repository: GalleryRepository;
  readonly reading: () => ClockReading;
  /** 32 hexadecimal digits, never the same twice. */
  readonly newNonce: () => string;
  /** Publishes a question. */
  readonly send: (ask: GalleryAsk) => void;
  /** The gallery, or what is known of it, changed; rows of earlier generations may be left on disk. */
  readonly onChanged: () => void;
  /** Something that an operator must look at; told once per head. */
  readonly onFailed: (message: string) => void;
  /** What an authentic answer says of central itself; its question was sent at `asked`. */
  readonly onCentral: (central: CentralSigns, asked: ClockReading) => void;
}

/** What every answer of central carries. */
export interface CentralSigns {
  readonly centralTime: EpochMs;
  /** Grows when central's database was restored from a backup. */
  readonly databaseEpoch: number;
}

/** Whether a group's gallery is what central signed last. */
export type GroupState = 'current' | 'behind' | 'failed';

/** Changes that are kept while everything is asked for; of more only the newest, and the head will tell. */
const maxWaiting = 1_000;

/** The rows on disk are looked at each day (PROTOCOL.md §3). */
const checkEveryMs = 24 * 3_600_000;

/**
 * The conversation about one group's gallery (PROTOCOL.md §3): changes that follow are applied, anything else leads to one
 * question bound to a nonce; content that is not the signed head's leads to a snapshot, twice in a row to `failed`.
 */
export class GroupSync {
  readonly groupId: string;
  private readonly options: GroupSyncOptions;
  private readonly gallery: HeldGallery;
  private readonly asks: AskLedger;
  private assembly: SnapshotAssembly | null = null;
  /** Changes that came while everything was asked for, to be applied after it. */
  private waiting: GalleryChange[] = [];
  private wantsAll = false;
  private mismatches = 0;
  private verified = false;
  private checkedMs: number;
  /** The head for which `failed` was told. */
  private failedHead: string | null = null;

  constructor(options: GroupSyncOptions) {
    this.options = options;
    this.gallery = options.gallery;
    this.groupId = options.gallery.groupId;
    this.checkedMs = options.reading().monotonicMs;
    this.asks = new AskLedger(options.reading, options.newNonce);
  }

  get state(): GroupState {
    if (this.failedHead !== null) return 'failed';
    return this.gallery.head && this.verified ? 'current' : 'behind';
  }

  /** What the device holds of the group, null for nothing. */
  get holding(): (GalleryHead & { persons: number; encodings: number }) | null {
    return this.gallery.head && { ...this.gallery.head, ...this.gallery.counts };
  }

  /** Generation of rows that are being written beside the gallery, null when there are none. */
  get stagedGeneration(): number | null {
    return this.assembly?.generation ?? null;
  }

  /** Takes what lies on disk; altered rows are dropped and asked for anew. */
  load(head: ReadHead): void {
    if (this.gallery.load(head)) return;
    this.options.onFailed(
      `Group "${this.groupId}": its rows on disk were altered; they are dropped and asked for anew.`,
    );
  }

  /** Forgets the group, on disk and in memory. */
  drop(): void {
    this.endSnapshot();
    this.gallery.drop();
    this.verified = false;
    this.options.onChanged();
  }

  /** The connection is new: an answer to an earlier question may never come. */
  connected(): void {
    this.asks.giveUp();
    this.ask();
  }

  /** Asks when it is time to, or when an answer did not come; once a day looks whether the disk still has what is held. */
  tick(): void {
    const { monotonicMs } = this.options.reading();
    if (monotonicMs - this.checkedMs >= checkEveryMs) {
      this.checkedMs = monotonicMs;
      if (!this.gallery.isIntact()) {
        this.options.onFailed(`Group "${this.groupId}": its rows on disk were altered; they are asked for anew.`);
        this.askForAll();
      }
    }
    if (this.asks.due) this.ask();
  }

  /** Asks for the gallery as a whole, whatever is held. */
  resync(): void {
    this.askForAll();
  }

  /** Asks where the group stands; when a question is out already, once more after its answer. */
  private ask(): void {
    const { head } = this.gallery;
    const asked = this.asks.begin(this.wantsAll || head === null, head);
    if (asked === null) return;
    this.endSnapshot();
    const known = asked.whole ? null : asked.head;
    this.options.send({
      nonce: asked.nonce,
      groupId: this.groupId,
      epoch: known?.epoch ?? 0,
      revision: known?.revision ?? 0,
      logHash: known?.logHash ?? null,
      contentHash: known?.contentHash ?? null,
      modelId: this.options.modelId,
    });
  }

  private askForAll(): void {
    this.wantsAll = true;
    this.ask();
  }

  /**
   * A change of the group, authentic.
   * @throws LatchkeyError `signature-invalid` when it is of another group; what the disk throws.
   */
  receiveChange(change: GalleryChange): void {
    this.assertOurs(change);
    if (this.assembly || this.asks.outstanding?.whole) this.waiting = [...this.waiting, change].slice(-maxWaiting);
    const followed = this.gallery.follow(change);
    if (followed === 'applied') this.options.onChanged();
    else if (followed === 'gap') this.ask();
    else if (followed === 'diverged') this.askForAll();
  }

  /**
   * Central's answer, authentic.
   * @throws LatchkeyError `replayed` when it answers no question that is open, `signature-invalid` when it is of another
   * group; what the disk throws.
   */
  receiveAnswer(answer: GalleryAnswer): void {
    const asked = this.asks.answeredBy(answer.nonce);
    if (asked === 'late') return;
    if (asked === null) {
      throw new LatchkeyError('replayed', 'An answer came to a question that was not asked, or was answered already.');
    }
    this.assertAnswerOurs(answer);
    const { databaseEpoch } = answer;
    this.options.onCentral({ centralTime: Date.parse(answer.centralTime), databaseEpoch }, asked.at);
    if (answer.type === 'snapshot' && !this.addPart(answer)) {
      this.asks.extend();
      return;
    }
    const again = this.asks.close();
    this.settle(answer, asked);
    if (again) this.ask();
  }

  private settle(answer: GalleryAnswer, asked: OutstandingAsk): void {
    switch (answer.type) {
      case 'gone':
        this.drop();
        break;
      case 'head':
        // To a device that has nothing, this says that there is nothing.
        if (!this.gallery.head) this.gallery.adoptEmpty(answer.head);
        this.compare(answer.head, asked);
        break;
      case 'changes':
        this.applyAll(answer.changes.map(changeFromWire), answer.head, asked);
        this.compare(answer.head, asked);
        break;
      case 'snapshot':
        this.finishSnapshot(answer.head, asked);
        break;
    }
  }

  private applyAll(changes: readonly GalleryChange[], head: WireGalleryHead, asked: OutstandingAsk): void {
    for (const change of changes) this.assertOurs(change);
    if (!asked.whole) {
      for (const change of changes) this.gallery.follow(change);
    } else if (!this.goesBack(head, asked.head)) {
      this.gallery.rebuild(head.epoch, changes);
      this.applyWaiting();
    }
    this.options.onChanged();
  }

  /** @returns whether the snapshot is complete. */
  private addPart(part: SnapshotPart): boolean {
    this.assembly ??= new SnapshotAssembly(part, this.gallery.newGeneration());
    if (!this.assembly.wants(part)) return false;
    try {
      const { persons, encodings } = this.assembly.add(part);
      this.options.repository.stage(this.groupId, this.assembly.generation, persons, encodings);
    } catch (error) {
      // What memory has and the disk has not must never be swapped in.
      this.endSnapshot();
      throw error;
    }
    return this.assembly.complete;
  }

  private finishSnapshot(head: WireGalleryHead, asked: OutstandingAsk): void {
    const { assembly } = this;
    if (!assembly) return;
    this.assembly = null;
    const rows = assembly.rows();
    const { epoch, revision, logHash, contentHash } = head;
    if (this.goesBack(head, asked.head)) {
      this.refuseOlder(head);
    } else if (rows.contentHash() !== contentHash) {
      this.mismatch(head);
    } else {
      this.gallery.replace(
        { groupId: this.groupId, generation: assembly.generation, epoch, revision, logHash, contentHash },
        rows,
      );
      this.agree();
      this.applyWaiting();
      this.ask();
    }
    this.options.onChanged();
  }

  private applyWaiting(): void {
    const changes = this.waiting;
    this.waiting = [];
    for (const change of changes) this.gallery.follow(change);
  }

  private endSnapshot(): void {
    this.assembly = null;
    this.waiting = [];
  }

  /** Compares what is held with the signed head that an answer brought. */
  private compare(head: WireGalleryHead, asked: OutstandingAsk): void {
    const held = this.gallery.head;
    if (held && isOlder(head, held)) {
      // Changes that came after the question make the answer's head old; otherwise central itself went back.
      if (this.goesBack(head, asked.head)) this.refuseOlder(head);
      return;
    }
    const same =
      held?.epoch === head.epoch &&
      held.revision === head.revision &&
      held.logHash === head.logHash &&
      held.contentHash === head.contentHash;
    if (same) this.agree();
    else this.mismatch(head);
  }

  private goesBack(head: WireGalleryHead, heldWhenAsked: GalleryHead | null): boolean {
    return heldWhenAsked !== null && isOlder(head, heldWhenAsked);
  }

  private agree(): void {
    const news = !this.verified || this.failedHead !== null;
    this.verified = true;
    this.wantsAll = false;
    this.mismatches = 0;
    if (this.failedHead !== null) {
      this.failedHead = null;
      this.gallery.unlock();
    }
    if (news) this.options.onChanged();
  }

  private mismatch(head: WireGalleryHead): void {
    this.verified = false;
    if (this.failedHead === headKey(head)) return;
    this.mismatches++;
    if (this.mismatches < 2) {
      this.askForAll();
      return;
    }
    this.gallery.lock();
    this.fail(head, 'the content did not become what central signed, twice in a row; nobody of it is let in');
  }

  /** What is held is newer and as authentic, so it stays in use. */
  private refuseOlder(head: WireGalleryHead): void {
    this.verified = false;
    const { epoch, revision } = head;
    if (this.failedHead === headKey(head)) return;
    this.fail(head, `central offers revision ${revision} of epoch ${epoch}, older than what is held; it is refused`);
  }

  private fail(head: WireGalleryHead, message: string): void {
    this.wantsAll = false;
    this.mismatches = 0;
    this.failedHead = headKey(head);
    this.options.onFailed(`Group "${this.groupId}": ${message}.`);
    this.options.onChanged();
  }

  private assertOurs({ siteId, groupId }: GalleryChange): void {
    if (siteId === this.options.siteId && groupId === this.groupId) return;
    throw new LatchkeyError(
      'signature-invalid',
      `A change of "${siteId}/${groupId}" came for group "${this.groupId}".`,
    );
  }

  private assertAnswerOurs(answer: GalleryAnswer): void {
    const groupId = answer.type === 'gone' ? answer.groupId : answer.head.groupId;
    if (groupId === this.groupId) return;
    throw new LatchkeyError(
      'signature-invalid',
      `An answer about group "${groupId}" came for group "${this.groupId}".`,
    );
  }
}

function isOlder(a: Pick<GalleryHead, 'epoch' | 'revision'>, b: Pick<GalleryHead, 'epoch' | 'revision'>): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.revision < b.revision);
}

function headKey({ epoch, revision, logHash, contentHash }: WireGalleryHead): string {
  return `${epoch}/${revision}/${logHash}/${contentHash}`;
}

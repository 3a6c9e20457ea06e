import { randomUUID } from 'node:crypto';
import {
  changeToWire,
  encodingToBase64,
  type GalleryAnswer,
  type GalleryAsk,
  type WireGalleryChange,
  type WireGalleryHead,
} from '@latchkey/contracts';
import {
  applyOperations,
  contentHashOfRows,
  type GalleryChange,
  type GalleryContent,
  type GalleryOperation,
  genesisHash,
  logHashAfter,
} from '@latchkey/domain';

const nothing: GalleryContent = { persons: new Map(), encodings: new Map() };

/** One group's gallery as central keeps it, in memory: a change log and answers to devices (PROTOCOL.md §3). */
export class ScriptedGallery {
  readonly siteId: string;
  readonly groupId: string;
  readonly modelId: string;
  epoch = 1;
  /** Rows in one part of a snapshot. */
  rowsPerChunk = 100;
  private log: GalleryChange[] = [];
  private rows = nothing;

  constructor(siteId: string, groupId: string, modelId: string) {
    this.siteId = siteId;
    this.groupId = groupId;
    this.modelId = modelId;
  }

  get content(): GalleryContent {
    return this.rows;
  }

  get revision(): number {
    return this.log.length;
  }

  /** Logs a change and gives it as it is published. */
  change(...operations: GalleryOperation[]): WireGalleryChange {
    const { siteId, groupId, epoch, revision } = this;
    const prevHash = this.logHashAt(revision);
    const change: GalleryChange = { siteId, groupId, epoch, from: revision, to: revision + 1, prevHash, operations };
    this.log.push(change);
    this.rows = applyOperations(this.rows, operations);
    return changeToWire(change);
  }

  /** Where the gallery stands. */
  head(): WireGalleryHead {
    const { groupId, epoch, revision, modelId } = this;
    const logHash = this.logHashAt(revision);
    return { groupId, epoch, revision, modelId, logHash, contentHash: contentHashOfRows(this.rows) };
  }

  /** Goes back to an earlier revision, as a database that was restored from a backup. */
  restore(revision: number, epoch = this.epoch): void {
    const kept = this.log.slice(0, revision);
    this.epoch = epoch;
    this.log = [];
    this.rows = nothing;
    for (const { operations } of kept) this.change(...operations);
  }

  /** The answer to a question: nothing to do, the changes that are missing, or the parts of a snapshot. */
  answer(ask: GalleryAsk, centralTime: string): GalleryAnswer[] {
    const head = this.head();
    const common = { nonce: ask.nonce, head, centralTime, databaseEpoch: 1 };
    const known =
      ask.epoch === this.epoch && ask.revision <= this.revision && ask.logHash === this.logHashAt(ask.revision);
    if (known && ask.revision === this.revision && ask.contentHash === head.contentHash) {
      return [{ type: 'head', ...common }];
    }
    if (known && ask.revision < this.revision) {
      return [{ type: 'changes', ...common, changes: this.log.slice(ask.revision).map(changeToWire) }];
    }
    return this.snapshot(common);
  }

  private snapshot(common: { nonce: string; head: WireGalleryHead; centralTime: string; databaseEpoch: number }) {
    const persons = [...this.rows.persons.values()];
    const encodings = [...this.rows.encodings.values()].map((row) => ({
      ...row,
      values: encodingToBase64(row.values),
    }));
    const snapshotId = randomUUID();
    const size = this.rowsPerChunk;
    const chunks = Math.max(1, Math.ceil(Math.max(persons.length, encodings.length) / size));
    return Array.from({ length: chunks }, (_, chunk): GalleryAnswer => {
      const part = [chunk * size, (chunk + 1) * size] as const;
      return {
        type: 'snapshot',
        ...common,
        snapshotId,
        chunk,
        chunks,
        persons: persons.slice(...part),
        encodings: encodings.slice(...part),
      };
    });
  }

  private logHashAt(revision: number): string {
    const last = this.log[revision - 1];
    return last ? logHashAfter(last) : genesisHash(this.siteId, this.groupId, this.epoch);
  }
}

import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { healthBody } from '@latchkey/contracts';
import { inRanges } from '@latchkey/domain';
import { LocalDatabase, Outbox } from '@latchkey/link';
import { ManualClock, type TemporaryFolder } from '@latchkey/testing';
import type { ModelAck, ModelDevice, ModelEvent } from './outbox-world.ts';

/** Rules of PROTOCOL.md §2 on the device's side; each can be taken away to see what it prevents. */
export interface DeviceRules {
  /** A new random stream at every opening, not one for the life of the device. */
  readonly renewStreamAtOpen: boolean;
  /** The next number is stored beside the events, not found from the newest one that is left. */
  readonly storeSeq: boolean;
  /** Committed events are kept and pending again when central's database was restored. */
  readonly resurrect: boolean;
  /** Acknowledgements of an earlier database are void. */
  readonly ignoreStaleAcks: boolean;
}

export const allDeviceRules: DeviceRules = {
  renewStreamAtOpen: true,
  storeSeq: true,
  resurrect: true,
  ignoreStaleAcks: true,
};

interface Disk {
  readonly rows: readonly (ModelEvent & { readonly acked: boolean })[];
  readonly lastSeq: ReadonlyMap<string, number>;
  readonly epoch: number;
}

const emptyDisk: Disk = { rows: [], lastSeq: new Map(), epoch: 0 };

/** The outbox as a few lines of pure rules. */
export class PureDevice implements ModelDevice {
  private readonly rules: DeviceRules;
  private disk = emptyDisk;
  private copy = emptyDisk;
  private streamId = '';
  private opened = 0;

  constructor(rules: DeviceRules = allDeviceRules) {
    this.rules = rules;
    this.open();
  }

  append(content: number): void {
    const { streamId, disk } = this;
    const left = disk.rows.filter((row) => row.streamId === streamId && !row.acked).map(({ seq }) => seq);
    const last = this.rules.storeSeq ? (disk.lastSeq.get(streamId) ?? 0) : Math.max(0, ...left);
    const seq = last + 1;
    this.disk = {
      ...disk,
      rows: [...disk.rows, { streamId, seq, content, acked: false }],
      lastSeq: new Map(disk.lastSeq).set(streamId, seq),
    };
  }

  pending(): ModelEvent[] {
    return this.disk.rows.filter(({ acked }) => !acked);
  }

  acknowledge({ streamId, ranges, databaseEpoch }: ModelAck): void {
    if (this.rules.ignoreStaleAcks && databaseEpoch < this.disk.epoch) return;
    this.noticeEpoch(databaseEpoch);
    const rows = this.disk.rows.map((row) =>
      row.streamId === streamId && inRanges(ranges, row.seq) ? { ...row, acked: true } : row,
    );
    this.disk = { ...this.disk, rows };
  }

  noticeEpoch(epoch: number): void {
    if (epoch <= this.disk.epoch) return;
    const rows = this.rules.resurrect ? this.disk.rows.map((row) => ({ ...row, acked: false })) : this.disk.rows;
    this.disk = { ...this.disk, rows, epoch };
  }

  crash(): void {
    this.open();
  }

  wipe(): void {
    this.disk = emptyDisk;
    this.open();
  }

  backup(): void {
    this.copy = this.disk;
  }

  restore(): void {
    this.disk = this.copy;
    this.open();
  }

  close(): void {}

  private open(): void {
    // Randomness that no disk remembers.
    this.streamId = this.rules.renewStreamAtOpen ? `stream-${this.opened++}` : 'the-only-stream';
  }
}

/** The outbox that ships, on real files. */
export class RealDevice implements ModelDevice {
  private readonly path: string;
  private readonly copyPath: string;
  private database: LocalDatabase | null = null;
  private outbox: Outbox | null = null;

  constructor(folder: TemporaryFolder, name: string) {
    this.path = folder.file(`${name}.db`);
    this.copyPath = folder.file(`${name}.copy`);
    this.open();
  }

  append(content: number): void {
    const body = { state: 'started' as const, message: `${content}` };
    this.opened.append({ kind: 'health', body, clockOffsetMs: null, clockTrusted: false });
  }

  pending(): ModelEvent[] {
    return this.opened.pending({ limit: 10_000 }).map(({ envelope: { streamId, seq, body } }) => ({
      streamId,
      seq,
      content: Number(healthBody.parse(body).message),
    }));
  }

  acknowledge({ streamId, ranges, databaseEpoch }: ModelAck): void {
    const numbers = ranges.map(([from, to]): [number, number] => [from, to]);
    this.opened.acknowledge({ streamId, ranges: numbers, rejected: [], databaseEpoch });
  }

  noticeEpoch(epoch: number): void {
    this.opened.noticeDatabaseEpoch(epoch);
  }

  crash(): void {
    this.close();
    this.open();
  }

  wipe(): void {
    this.close();
    this.removeFiles();
    this.open();
  }

  backup(): void {
    // A closed database is one file; the stream that begins afterwards is what happens to the original, not to the copy.
    this.close();
    copyFileSync(this.path, this.copyPath);
    this.open();
  }

  restore(): void {
    this.close();
    this.removeFiles();
    if (existsSync(this.copyPath)) copyFileSync(this.copyPath, this.path);
    this.open();
  }

  close(): void {
    this.outbox?.close();
    this.database?.close();
  }

  private get opened(): Outbox {
    if (!this.outbox) throw new Error('The device is not open.');
    return this.outbox;
  }

  private open(): void {
    this.database = LocalDatabase.open({ path: this.path, encryptionKeyHex: '5a'.repeat(32) });
    this.outbox = new Outbox({ database: this.database, clock: new ManualClock(), randomBytes });
    this.outbox.open();
  }

  private removeFiles(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.path}${suffix}`, { force: true });
  }
}

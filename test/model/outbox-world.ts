import { type SequenceRange, toRanges } from '@latchkey/domain';

/** An event as it travels in the model; `content` is what it tells, unique for each append. */
export interface ModelEvent {
  readonly streamId: string;
  readonly seq: number;
  readonly content: number;
}

/** An acknowledgement as it travels in the model. */
export interface ModelAck {
  readonly streamId: string;
  readonly ranges: readonly SequenceRange[];
  readonly databaseEpoch: number;
}

/** The device's side: an outbox on a disk that can be lost, copied and put back. It is always open between two steps. */
export interface ModelDevice {
  append(content: number): void;
  pending(): ModelEvent[];
  acknowledge(ack: ModelAck): void;
  noticeEpoch(epoch: number): void;
  /** Power cut and start. */
  crash(): void;
  /** The disk is replaced by an empty one, and the device starts. */
  wipe(): void;
  /** The disk's present state is copied. */
  backup(): void;
  /** Power cut, the disk gets the state of the copy (an empty one when there is none), and the device starts. */
  restore(): void;
  close(): void;
}

/** Rules of PROTOCOL.md §2 on central's side; each can be taken away to see what it prevents. */
export interface CentralRules {
  /** Acknowledge exactly the committed numbers, not the span from the lowest to the highest. */
  readonly exactAcks: boolean;
  /** Acknowledge after the commit, not when an event arrives. */
  readonly ackAfterCommit: boolean;
  /** Refuse a number that the log has. */
  readonly dedupe: boolean;
  /** Remember what the log had as long as streams live, not as long as the newest partition. */
  readonly dedupeForGood: boolean;
  /** Acknowledge duplicates too, which `RETURNING` omits. */
  readonly ackDuplicates: boolean;
}

export const allCentralRules: CentralRules = {
  exactAcks: true,
  ackAfterCommit: true,
  dedupe: true,
  dedupeForGood: true,
  ackDuplicates: true,
};

/** What can happen. `pick` chooses among what is there. */
export type ModelStep =
  | { readonly type: 'append' | 'commit' | 'crash-central' | 'backup-central' | 'restore-central' | 'tell-epoch' }
  | { readonly type: 'crash-device' | 'wipe-device' | 'backup-device' | 'restore-device' }
  | { readonly type: 'send' | 'deliver' | 'duplicate' | 'lose'; readonly pick: number }
  | { readonly type: 'deliver-ack' | 'duplicate-ack' | 'lose-ack'; readonly pick: number };

/** Events that the newest partition of the log holds, where the log forgets. */
const partition = 2;

/** A promise of the protocol that was broken. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** A device, central and a network that loses, doubles and reorders whatever is under way. */
export class OutboxWorld {
  private readonly device: ModelDevice;
  private readonly rules: CentralRules;
  private events: ModelEvent[] = [];
  private acks: ModelAck[] = [];
  private batch: ModelEvent[] = [];
  private log: ModelEvent[] = [];
  private logBackup: ModelEvent[] = [];
  private databaseEpoch = 1;
  private appended = 0;
  /** What lies on the device's disk, sent or not; it forgets nothing in the model's time. */
  private onDisk = new Set<number>();
  private diskBackup = new Set<number>();
  private readonly everCommitted = new Set<number>();

  constructor(device: ModelDevice, rules: CentralRules = allCentralRules) {
    this.device = device;
    this.rules = rules;
  }

  /**
   * One thing happens.
   * @throws BrokenPromise when an event stops being pending that was never committed, or stands in the log twice.
   */
  step(step: ModelStep): void {
    switch (step.type) {
      case 'append':
        this.device.append(this.appended);
        this.onDisk.add(this.appended++);
        break;
      case 'send': {
        const pending = this.device.pending();
        if (pending.length > 0) this.events.push(...pending.slice(0, 1 + (step.pick % pending.length)));
        break;
      }
      case 'deliver':
        this.arrive(take(this.events, step.pick));
        break;
      case 'duplicate':
        this.events.push(...copyOf(this.events, step.pick));
        break;
      case 'lose':
        take(this.events, step.pick);
        break;
      case 'commit':
        this.commit();
        break;
      case 'crash-central':
        this.batch = [];
        break;
      case 'backup-central':
        this.logBackup = [...this.log];
        break;
      case 'restore-central':
        this.batch = [];
        this.log = [...this.logBackup];
        this.databaseEpoch++;
        break;
      case 'tell-epoch':
        // Any signed answer of central does, see PROTOCOL.md §3.
        this.device.noticeEpoch(this.databaseEpoch);
        break;
      case 'deliver-ack':
        this.acknowledge(take(this.acks, step.pick));
        break;
      case 'duplicate-ack':
        this.acks.push(...copyOf(this.acks, step.pick));
        break;
      case 'lose-ack':
        take(this.acks, step.pick);
        break;
      case 'crash-device':
        this.device.crash();
        break;
      case 'wipe-device':
        this.device.wipe();
        this.onDisk = new Set();
        break;
      case 'backup-device':
        this.device.backup();
        this.diskBackup = new Set(this.onDisk);
        break;
      case 'restore-device':
        this.device.restore();
        this.onDisk = new Set(this.diskBackup);
        break;
    }
  }

  /**
   * Everything that is still under way arrives, and nothing disturbs any more.
   * @throws BrokenPromise when then something is still pending, or missing in the log although it lies on the device's disk.
   */
  settle(): void {
    this.step({ type: 'tell-epoch' });
    for (let round = 0; round < 3; round++) {
      this.events.push(...this.device.pending());
      while (this.events.length > 0) this.arrive(take(this.events, 0));
      this.commit();
      while (this.acks.length > 0) this.acknowledge(take(this.acks, 0));
    }
    const stuck = this.device.pending();
    if (stuck.length > 0) throw new BrokenPromise(`never acknowledged: ${JSON.stringify(stuck)}`);
    const logged = new Set(this.log.map(({ content }) => content));
    const lost = [...this.onDisk].filter((content) => !logged.has(content));
    if (lost.length > 0) throw new BrokenPromise(`on the disk, not in the log: ${lost.join(', ')}`);
  }

  private arrive(event: ModelEvent | undefined): void {
    if (!event) return;
    this.batch.push(event);
    if (!this.rules.ackAfterCommit) this.acks.push(...this.acksOf([event]));
  }

  private commit(): void {
    const { batch } = this;
    this.batch = [];
    const fresh: ModelEvent[] = [];
    const remembered = this.rules.dedupeForGood ? this.log : this.log.slice(-partition);
    for (const event of batch) {
      const known = [...remembered, ...fresh].some(
        ({ streamId, seq }) => streamId === event.streamId && seq === event.seq,
      );
      if (!known || !this.rules.dedupe) fresh.push(event);
    }
    for (const event of fresh) {
      if (this.log.some(({ content }) => content === event.content)) {
        throw new BrokenPromise(`twice in the log: ${event.content}`);
      }
      this.log.push(event);
      this.everCommitted.add(event.content);
    }
    if (this.rules.ackAfterCommit) this.acks.push(...this.acksOf(this.rules.ackDuplicates ? batch : fresh));
  }

  private acksOf(batch: readonly ModelEvent[]): ModelAck[] {
    return [...new Set(batch.map(({ streamId }) => streamId))].map((streamId) => {
      const sequences = batch.filter((event) => event.streamId === streamId).map(({ seq }) => seq);
      const ranges: SequenceRange[] = this.rules.exactAcks
        ? toRanges(sequences)
        : [[Math.min(...sequences), Math.max(...sequences)]];
      return { streamId, ranges, databaseEpoch: this.databaseEpoch };
    });
  }

  private acknowledge(ack: ModelAck | undefined): void {
    if (!ack) return;
    const before = this.device.pending();
    this.device.acknowledge(ack);
    const after = new Set(this.device.pending().map(({ content }) => content));
    const wrong = before.filter(({ content }) => !after.has(content) && !this.everCommitted.has(content));
    if (wrong.length > 0) throw new BrokenPromise(`acknowledged, never committed: ${JSON.stringify(wrong)}`);
  }
}

function take<T>(list: T[], pick: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(pick % list.length, 1)[0];
}

function copyOf<T>(list: readonly T[], pick: number): T[] {
  const found = list[pick % Math.max(1, list.length)];
  return found === undefined ? [] : [found];
}

import type { AckMessage, EventBody, EventEnvelope, EventKind } from '@latchkey/contracts';
import { type Clock, canonicalJson, isLatchkeyError, LatchkeyError, uuidV4, uuidV7 } from '@latchkey/domain';
import type { LocalDatabase } from '../database/local-database.ts';
import { CopiesRepository } from './copies.repository.ts';
import type { DamagedOutbox } from './damaged-outbox.ts';
import { droppedBodiesOf, gapsOfEvents, planDrop, type StreamGap } from './drop-plan.ts';
import { bytesOf, envelopeOf } from './new-event.ts';
import { OutboxRepository } from './outbox.repository.ts';
import type { OutboxEntry } from './outbox-row.ts';
import { less, more, nothing, type OutboxCounters, type OutboxTotals } from './outbox-totals.ts';
import type { AckOutcome, ClockState, NewEvent, OutboxOptions, OutboxStats, PendingListener } from './outbox-types.ts';
import type { SalvageReport } from './salvage-types.ts';

const epochName = 'database-epoch';

/**
 * Events that central has not yet confirmed, on disk (PROTOCOL.md §2). An event is committed to disk when {@link append}
 * returns; it leaves only by an acknowledgement that names its stream and number, or, when the outbox is full, by a `dropped`
 * event that names it. Must be open()ed before anything else; the database stays its owner's.
 */
export class Outbox {
  private readonly database: LocalDatabase;
  private readonly repository: OutboxRepository;
  private readonly copies: CopiesRepository;
  private readonly clock: Clock;
  private readonly randomBytes: (length: number) => Uint8Array;
  private readonly maxEvents: number;
  private readonly maxBytes: number;
  private readonly keepAckedMs: number;
  private readonly maxQuarantined: number;
  private readonly listeners = new Set<PendingListener>();
  private counters: OutboxCounters = { pending: nothing, acked: nothing, waiting: nothing, quarantined: nothing };
  private stream: { readonly key: number; readonly id: string } | null = null;
  private clockState: ClockState = { clockOffsetMs: null, clockTrusted: false };

  constructor(options: OutboxOptions) {
    this.database = options.database;
    this.repository = new OutboxRepository(options.database);
    this.copies = new CopiesRepository(options.database);
    this.clock = options.clock;
    this.randomBytes = options.randomBytes;
    this.maxEvents = Math.max(10, options.maxEvents ?? 100_000);
    this.maxBytes = options.maxBytes ?? 512 * 1024 * 1024;
    this.keepAckedMs = options.keepAckedMs ?? 7 * 24 * 60 * 60 * 1000;
    this.maxQuarantined = options.maxQuarantined ?? 1_000;
  }

  /**
   * Makes the tables when they are not there and begins a new random stream, so that a number is never used twice even when
   * the disk was wiped or put back to an older state. May be called twice; after {@link close} it begins another stream.
   * @throws LatchkeyError `storage-corrupt`, `storage-full`, `storage-failed`, that also for an outbox of a newer version.
   */
  open(): void {
    if (this.stream) return;
    const id = uuidV4(this.randomBytes(16));
    const key = this.database.transaction(() => {
      this.repository.migrate();
      this.copies.migrate();
      return this.repository.beginStream(id);
    });
    this.stream = { key, id };
    this.counters = {
      pending: this.repository.totals('pending'),
      acked: this.repository.totals('acked'),
      waiting: this.copies.waiting(this.databaseEpoch()),
      quarantined: this.repository.totals('quarantined'),
    };
    this.change(() => this.forgetOldAcked());
  }

  /** Takes no more events. The database is its owner's to close. May be called twice. */
  close(): void {
    this.stream = null;
    this.listeners.clear();
  }

  /**
   * Stores an event with the next number of the stream; it is on disk when this returns. Not for use inside another
   * transaction of the database: what it promises would hang on that one.
   * @throws LatchkeyError `storage-full`, `storage-failed`, `storage-corrupt`: nothing was stored, the door stays shut.
   * `invalid-input` for a body that has no JSON form.
   */
  append<K extends EventKind>(event: NewEvent<K>): EventEnvelope {
    this.clockState = { clockOffsetMs: event.clockOffsetMs, clockTrusted: event.clockTrusted };
    const stored = this.withRoom(() => {
      this.makeRoom();
      return this.store(event);
    });
    this.notify('appended');
    return stored;
  }

  /**
   * Takes over what can be read of a damaged outbox, under the streams and numbers that its events were born with, and declares
   * the rest with `dropped` events; all of it or nothing. Doing it twice adds no event a second time.
   * @throws LatchkeyError `storage-full`, `storage-failed`, `storage-corrupt` of this outbox.
   */
  adopt(damaged: DamagedOutbox): SalvageReport {
    const report = this.change(() => {
      const keys = new Map(damaged.streams().map((stream) => [stream.streamId, this.repository.adoptStream(stream)]));
      const taken = { pending: 0, settled: 0 };
      for (const event of damaged.events()) {
        const { envelope, state } = event;
        const key = keys.get(envelope.streamId);
        if (key === undefined) continue;
        const body = canonicalJson(envelope.body);
        const bytes = bytesOf(body, envelope);
        if (!this.repository.adopt(key, event, body, bytes)) continue;
        this.count(state, 1, { events: 1, bytes });
        taken[state === 'pending' ? 'pending' : 'settled']++;
      }
      const bodies = this.storeGaps(damaged.gaps());
      const epoch = damaged.databaseEpoch() ?? 0;
      if (epoch > this.databaseEpoch()) this.repository.writeMeta(epochName, epoch);
      if (damaged.isResurrecting()) this.copies.beginResurrection();
      this.nowWait(this.copies.waiting(this.databaseEpoch()));
      const lost = bodies.reduce((sum, { count }) => sum + count, 0);
      return { ...taken, lost, unnamed: damaged.unnamed };
    });
    this.notify('resurrected');
    return report;
  }

  /**
   * Events that wait for central, oldest first over all streams, each with the stream that it was born in. Committed ones that
   * are to be sent again are among them: they become pending here, as many as are asked for.
   * @throws LatchkeyError as {@link append}.
   */
  pending({ limit, afterRowOrder = 0 }: { readonly limit: number; readonly afterRowOrder?: number }): OutboxEntry[] {
    if (this.counters.waiting.events > 0) this.change(() => this.resurrect(limit, afterRowOrder));
    const page = this.repository.list('pending', limit, afterRowOrder);
    if (page.damaged.length > 0) {
      // What the disk has lost is told like what was given up, so that central waits for no number.
      this.change(() => {
        for (const { streamId, seq } of page.damaged) this.quarantine(streamId, seq, 'storage-corrupt');
        const isGapLost = page.damaged.some(({ kind }) => kind === null || kind === 'dropped');
        this.storeGaps(gapsOfEvents(page.damaged), isGapLost);
      });
      this.notify('appended');
    }
    return [...page.entries];
  }

  /** Events that central has refused, oldest first. */
  quarantined(limit = 100): OutboxEntry[] {
    return [...this.repository.list('quarantined', limit, 0).entries];
  }

  /**
   * Applies an acknowledgement that was authenticated: exactly its numbers of exactly its stream stop being pending. One of
   * an older database epoch is void: central has lost since what it confirms.
   */
  acknowledge(ack: AckMessage): AckOutcome {
    const outcome = this.change(() => {
      if (ack.databaseEpoch < this.databaseEpoch()) return { acked: 0, quarantined: 0, resurrected: 0, stale: true };
      const resurrected = this.raiseEpoch(ack.databaseEpoch);
      const quarantined = ack.rejected.filter(({ seq, code }) => this.quarantine(ack.streamId, seq, code)).length;
      let acked = 0;
      for (const range of ack.ranges) acked += this.markAcked(ack, range);
      this.forgetOldAcked();
      return { acked, quarantined, resurrected, stale: false };
    });
    if (outcome.resurrected > 0) this.notify('resurrected');
    return outcome;
  }

  /**
   * Takes note of central's database epoch out of any authenticated message; when it has grown, committed events that are
   * still kept are to be sent again. Returns how many; takes no longer for many than for few.
   */
  noticeDatabaseEpoch(epoch: number): number {
    const resurrected = this.change(() => this.raiseEpoch(epoch));
    if (resurrected > 0) this.notify('resurrected');
    return resurrected;
  }

  /** How full the outbox is. */
  stats(): OutboxStats {
    return {
      streamId: this.openStream().id,
      pending: this.counters.pending.events + this.counters.waiting.events,
      pendingBytes: this.counters.pending.bytes + this.counters.waiting.bytes,
      acked: this.counters.acked.events - this.counters.waiting.events,
      quarantined: this.counters.quarantined.events,
      databaseEpoch: this.databaseEpoch(),
    };
  }

  /** Calls `listener` when there is something new to send. Returns its removal. */
  onPending(listener: PendingListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private store(event: NewEvent): EventEnvelope {
    const { key, id: streamId } = this.openStream();
    const now = this.clock.now();
    const place = { streamId, seq: this.repository.takeSeq(key), id: uuidV7(now, this.randomBytes(16)) };
    const { envelope, bodyText } = envelopeOf(event, place, now);
    const bytes = bytesOf(bodyText, envelope);
    this.repository.insert(key, envelope, bodyText, bytes);
    this.count('pending', 1, { events: 1, bytes });
    return envelope;
  }

  /** @param isGapLost nobody knows what a `dropped` event had named: then all numbers are named of which there is no event. */
  private storeGaps(gaps: readonly StreamGap[], isGapLost = false): readonly EventBody<'dropped'>[] {
    const all = isGapLost ? [...gaps, ...this.repository.missing()] : gaps;
    const bodies = droppedBodiesOf(all, this.openStream().id);
    for (const body of bodies) this.store({ kind: 'dropped', body, ...this.clockState });
    return bodies;
  }

  private quarantine(streamId: string, seq: number, code: string): boolean {
    const moved = this.repository.markQuarantined(streamId, seq, code, this.clock.now());
    this.count('pending', -1, moved);
    this.count('quarantined', 1, moved);
    const excess = this.counters.quarantined.events - this.maxQuarantined;
    if (excess > 0) this.count('quarantined', -1, this.repository.deleteOldest('quarantined', excess));
    return moved.events > 0;
  }

  private databaseEpoch(): number {
    return this.repository.readMeta(epochName) ?? 0;
  }

  private raiseEpoch(epoch: number): number {
    const known = this.databaseEpoch();
    if (epoch <= known) return 0;
    this.repository.writeMeta(epochName, epoch);
    const { acked } = this.counters;
    this.counters.waiting = acked;
    if (acked.events > 0) this.copies.beginResurrection();
    return acked.events;
  }

  private resurrect(limit: number, afterRowOrder: number): void {
    const moved = this.copies.resurrect(limit, afterRowOrder, this.databaseEpoch());
    this.count('acked', -1, moved);
    this.count('pending', 1, moved);
    this.nowWait(less(this.counters.waiting, moved));
  }

  private nowWait(waiting: OutboxTotals): void {
    this.counters.waiting = waiting;
    if (waiting.events === 0) this.copies.endResurrection();
  }

  /** Applies one range of an acknowledgement. Returns how many events it has settled. */
  private markAcked({ streamId, databaseEpoch }: AckMessage, [from, to]: AckMessage['ranges'][number]): number {
    const at = this.clock.now();
    const moved = this.copies.markAcked(streamId, [from, to], databaseEpoch, at);
    this.count('pending', -1, moved);
    this.count('acked', 1, moved);
    if (this.counters.waiting.events === 0) return moved.events;
    const confirmed = this.copies.confirm(streamId, [from, to], databaseEpoch, at);
    this.nowWait(less(this.counters.waiting, confirmed));
    return moved.events + confirmed.events;
  }

  /** What waits to be sent again is never too old. */
  private forgetOldAcked(): void {
    if (this.counters.acked.events === 0 || this.counters.waiting.events > 0) return;
    const before = this.clock.now() - this.keepAckedMs;
    this.count('acked', -1, this.copies.deleteAckedBefore(before, 1_000));
    const excess = this.counters.acked.events - this.maxEvents;
    if (excess > 0) this.forgetAcked(excess);
  }

  private forgetAcked(count: number): void {
    this.count('acked', -1, this.repository.deleteOldest('acked', count));
    if (this.counters.waiting.events > 0) this.nowWait(this.copies.waiting(this.databaseEpoch()));
  }

  /** Makes the limits hold after one more event: committed events go first, then pictures, copies, events. */
  private makeRoom(): void {
    const batch = Math.ceil(this.maxEvents / 50);
    while (this.isOverBytes() && this.counters.acked.events > 0) this.forgetAcked(batch);
    while (this.isOverBytes()) {
      const stripped = this.repository.stripOldestThumbnails(batch);
      this.count('pending', -1, { events: 0, bytes: stripped.bytes });
      if (stripped.events === 0) break;
    }
    while (
      this.counters.pending.events >= this.maxEvents ||
      (this.isOverBytes() && this.counters.pending.events > batch)
    ) {
      // All that are too many at once, so that no record of a gap takes the place of an event.
      if (this.drop(Math.max(2, batch, this.counters.pending.events - this.maxEvents + 2)) === 0) break;
    }
  }

  private isOverBytes(): boolean {
    return this.counters.pending.bytes + this.counters.acked.bytes >= this.maxBytes;
  }

  /** Gives up `count` events or more and stores what tells of it. Returns how many fewer there are: 0 when nothing can go. */
  private drop(count: number): number {
    const plan = planDrop(count, this.openStream().id, (wanted) => this.repository.leastImportant(wanted));
    if (!plan) return 0;
    for (const event of plan.gone) {
      this.repository.delete(event);
      this.count('pending', -1, { events: 1, bytes: event.bytes });
    }
    return plan.gone.length - this.storeGaps(plan.gaps, plan.isGapLost).length;
  }

  /** Runs one change; when the file has reached its limit, makes room in it and tries again. */
  private withRoom<T>(work: () => T): T {
    for (let attempt = 0; ; attempt++) {
      try {
        return this.change(work);
      } catch (cause) {
        if (!isLatchkeyError(cause, 'storage-full') || attempt >= 3) throw cause;
        const tenth = Math.ceil((this.counters.acked.events + this.counters.pending.events) / 10);
        this.change(() => {
          if (this.counters.acked.events > 0) this.forgetAcked(Math.max(1, tenth));
          else this.drop(Math.max(2, tenth));
        });
      }
    }
  }

  private change<T>(work: () => T): T {
    this.openStream();
    const before = { ...this.counters };
    try {
      return this.database.transaction(work);
    } catch (cause) {
      this.counters = before;
      throw cause;
    }
  }

  private count(state: keyof OutboxCounters, sign: 1 | -1, change: OutboxTotals): void {
    this.counters[state] = (sign === 1 ? more : less)(this.counters[state], change);
  }

  private openStream(): { readonly key: number; readonly id: string } {
    if (!this.stream) throw new LatchkeyError('internal', 'The outbox is not open.');
    return this.stream;
  }

  private notify(what: 'appended' | 'resurrected'): void {
    for (const listener of [...this.listeners]) listener(what);
  }
}

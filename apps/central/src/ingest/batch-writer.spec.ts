import { describe, expect, it } from '@jest/globals';
import { LatchkeyError } from '@latchkey/domain';
import { BatchWriter, type EventStore } from './batch-writer.ts';
import type { IncomingEvent } from './incoming-event.ts';
import type { CommittedBatch, Outcome } from './ingest.repository.ts';

/** Enough of an event for a writer, which only passes it on. */
function anEvent(seq: number): IncomingEvent {
  return {
    siteId: 'main',
    deviceId: 'door-1',
    envelope: {
      streamId: '0b1c8a52-6c1c-4a57-9d7e-2b8d5a4d9c11',
      seq,
      id: '01935b2a-0000-7000-8000-000000000001',
      kind: 'health',
      occurredAt: '2026-11-24T22:00:00.000Z',
      clockOffsetMs: null,
      clockTrusted: false,
      bodyHash: 'a'.repeat(64),
      body: {},
    },
    personId: null,
    decision: null,
    body: '{}',
    thumbnail: null,
    dropped: [],
    rejection: null,
    raw: new Uint8Array(),
  };
}

const committed: Outcome = { type: 'committed', isNew: true };

/** A store that fails as a script says, call by call, and remembers what it was given. */
class ScriptedStore implements EventStore {
  readonly writes: number[][] = [];
  partitions = 0;
  /** Another one with each write. */
  databaseEpoch = 1;
  readonly #fail: (batch: readonly IncomingEvent[], call: number) => unknown;

  constructor(fail: (batch: readonly IncomingEvent[], call: number) => unknown) {
    this.#fail = fail;
  }

  async write(batch: readonly IncomingEvent[]): Promise<CommittedBatch> {
    this.writes.push(batch.map(({ envelope }) => envelope.seq));
    const error = this.#fail(batch, this.writes.length);
    if (error) throw error;
    const outcomes = batch.map(({ rejection }) =>
      rejection ? { type: 'rejected' as const, code: rejection.code } : committed,
    );
    return { outcomes, databaseEpoch: this.databaseEpoch++ };
  }

  async ensurePartitions(): Promise<void> {
    this.partitions++;
  }
}

const state = (code: string): Error => Object.assign(new Error(code), { code });
const { signal } = new AbortController();

describe('BatchWriter', () => {
  it.each([
    ['a deadlock', state('40P01')],
    ['a serialization failure', state('40001')],
    ['a lost connection', new LatchkeyError('database-unavailable', 'gone', { cause: state('57P01') })],
    ['a timeout', state('57014')],
    ['a fault that nobody knows', new Error('?')],
  ])('writes the same batch again after %s', async (_, error) => {
    const store = new ScriptedStore((_batch, call) => call < 3 && error);
    const failures: unknown[] = [];
    const written = await new BatchWriter(store, (failure) => failures.push(failure)).write(
      [1, 2].map(anEvent),
      signal,
    );
    expect(written.map(({ outcome }) => outcome)).toEqual([committed, committed]);
    expect(store.writes).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(failures).toEqual([error, error]);
  });

  it('finds the one event whose value cannot be stored, and writes all others', async () => {
    const bad = (batch: readonly IncomingEvent[]) =>
      batch.some(({ envelope, rejection }) => envelope.seq === 5 && !rejection);
    const store = new ScriptedStore(
      (batch) => bad(batch) && new LatchkeyError('invalid-input', 'x', { cause: state('22008') }),
    );
    const written = await new BatchWriter(store, () => undefined).write([1, 2, 3, 4, 5, 6, 7].map(anEvent), signal);
    expect(written.map(({ event }) => event.envelope.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(written.map(({ outcome }) => outcome?.type)).toEqual([
      'committed',
      'committed',
      'committed',
      'committed',
      'rejected',
      'committed',
      'committed',
    ]);
  });

  it('says of each event which database has it, though the pieces of a batch went into two', async () => {
    const store = new ScriptedStore((batch) => batch.length > 1 && state('22008'));
    const written = await new BatchWriter(store, () => undefined).write([1, 2].map(anEvent), signal);
    expect(written.map(({ event, databaseEpoch }) => [event.envelope.seq, databaseEpoch])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('gives up an event that cannot even be kept as a dead letter, and no other', async () => {
    const store = new ScriptedStore((batch) => batch.some(({ envelope }) => envelope.seq === 2) && state('22P05'));
    const written = await new BatchWriter(store, () => undefined).write([1, 2, 3].map(anEvent), signal);
    expect(written.map(({ outcome }) => outcome?.type ?? null)).toEqual(['committed', null, 'committed']);
  });

  it('makes a missing partition and writes again', async () => {
    const store = new ScriptedStore((_batch, call) => call === 1 && state('23514'));
    await new BatchWriter(store, () => undefined).write([anEvent(1)], signal);
    expect(store.partitions).toBe(1);
    expect(store.writes).toEqual([[1], [1]]);
  });

  it('ends when it is told to while the database is away', async () => {
    const abort = new AbortController();
    const store = new ScriptedStore((_batch, call) => {
      if (call === 2) abort.abort(new Error('stop'));
      return state('08006');
    });
    await expect(new BatchWriter(store, () => undefined).write([anEvent(1)], abort.signal)).rejects.toThrow();
    expect(store.writes.length).toBeLessThanOrEqual(2);
  });

  it('knows since when it fails, and forgets it with the next success', async () => {
    const store = new ScriptedStore((_batch, call) => call === 1 && state('08006'));
    let during = 0;
    const writer: BatchWriter = new BatchWriter(store, () => {
      during = writer.failingForMs;
    });
    await writer.write([anEvent(1)], signal);
    expect(during).toBeGreaterThanOrEqual(0);
    expect(writer.failingForMs).toBe(0);
  });
});

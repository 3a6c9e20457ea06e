import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { droppedBody, type EventEnvelope, eventEnvelope } from '@latchkey/contracts';
import { bodyHashOf, inRanges, toRanges } from '@latchkey/domain';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import fc from 'fast-check';
import { LocalDatabase } from '../database/local-database.ts';
import { gapsOf } from './drop-plan.ts';
import { Outbox } from './outbox.ts';
import type { OutboxOptions } from './outbox-types.ts';

const key = '5a'.repeat(32);
let folder: TemporaryFolder;
let clock = new ManualClock();
const databases: LocalDatabase[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  clock = new ManualClock();
});
afterEach(() => {
  for (const database of databases.splice(0)) database.close();
  folder.remove();
});

function openOutbox(options: Partial<OutboxOptions> = {}, name = 'outbox.db', maxBytes?: number): Outbox {
  const database = LocalDatabase.open({ path: folder.file(name), encryptionKeyHex: key, maxBytes });
  databases.push(database);
  const outbox = new Outbox({ database, clock, randomBytes, ...options });
  outbox.open();
  return outbox;
}

const clockState = { clockOffsetMs: 12, clockTrusted: true };

function health(outbox: Outbox, message = 'all well'): EventEnvelope {
  return outbox.append({ kind: 'health', body: { state: 'started', message }, ...clockState });
}

function door(outbox: Outbox): EventEnvelope {
  const body = { action: 'opened' as const, trackId: null, personId: null, reasons: [] };
  return outbox.append({ kind: 'door', body, ...clockState });
}

/** A `dropped` event as many restarts bring it about: every range is of another stream. */
function gapsOfOtherStreams(outbox: Outbox, ranges: number): EventEnvelope {
  const streams = Array.from({ length: ranges }, () => ({
    streamId: randomUUID(),
    ranges: [[1, 1] as [number, number]],
  }));
  return outbox.append({ kind: 'dropped', body: { from: 1, to: 1, count: ranges, streams }, ...clockState });
}

/** How many events the disk says to be pending. */
function storedAsPending(): number {
  return Number(databases.at(-1)?.get('SELECT count(*) AS count FROM outbox_event WHERE state = 0')?.count);
}

function pendingOf(outbox: Outbox): EventEnvelope[] {
  return outbox.pending({ limit: 100_000 }).map(({ envelope }) => envelope);
}

function ackOf(streamId: string, sequences: number[], databaseEpoch = 1) {
  return {
    streamId,
    ranges: toRanges(sequences).map(([from, to]): [number, number] => [from, to]),
    rejected: [],
    databaseEpoch,
  };
}

describe('Outbox', () => {
  it('stores an event whole, picture included, before append returns', () => {
    const outbox = openOutbox();
    const body = { state: 'camera-lost' as const, message: 'é ☃ \u0000 "quoted"' };
    const at = clock.now() - 5_000;
    const stored = outbox.append({ kind: 'health', body, thumbnail: 'AAECAw==', occurredAt: at, ...clockState });
    expect(eventEnvelope.parse(stored)).toEqual(stored);
    expect(stored).toMatchObject({
      seq: 1,
      kind: 'health',
      occurredAt: new Date(at).toISOString(),
      clockOffsetMs: 12,
      clockTrusted: true,
      bodyHash: bodyHashOf(body),
      body,
      thumbnail: 'AAECAw==',
    });
    // Another connection reads only what is committed.
    expect(pendingOf(openOutbox())).toEqual([stored]);
  });

  it('keeps an event whose picture is too large or no base64, without it', () => {
    const outbox = openOutbox();
    for (const thumbnail of ['A'.repeat(16_388), '***']) {
      const body = { state: 'started' as const, message: '' };
      expect(outbox.append({ kind: 'health', body, thumbnail, ...clockState }).thumbnail).toBeUndefined();
    }
    expect(pendingOf(outbox)).toHaveLength(2);
  });

  it('begins a new stream at every opening, and events keep the one that they were born with', () => {
    const first = openOutbox();
    const before = [health(first), health(first)];
    first.close();
    first.open();
    const after = health(first);
    expect(after.seq).toBe(1);
    expect(after.streamId).not.toBe(before[0]?.streamId);
    expect(pendingOf(first)).toEqual([...before, after]);
  });

  it('lets an acknowledgement take exactly its numbers of exactly its stream', () => {
    const outbox = openOutbox();
    const old = [health(outbox), health(outbox), health(outbox)];
    outbox.close();
    outbox.open();
    const present = [health(outbox), health(outbox), health(outbox), health(outbox)];
    const outcome = outbox.acknowledge(ackOf(present[0]?.streamId ?? '', [1, 3, 9]));
    expect(outcome).toEqual({ acked: 2, quarantined: 0, resurrected: 0, stale: false });
    expect(pendingOf(outbox)).toEqual([...old, present[1], present[3]]);
    expect(outbox.acknowledge(ackOf(present[0]?.streamId ?? '', [1, 3])).acked).toBe(0);
  });

  it('deletes nothing for the late acknowledgement of an outbox that was wiped', () => {
    const wiped = openOutbox();
    const lost = health(wiped);
    const renewed = openOutbox({}, 'new.db');
    const kept = health(renewed);
    expect(renewed.acknowledge(ackOf(lost.streamId, [lost.seq])).acked).toBe(0);
    expect(kept.seq).toBe(lost.seq);
    expect(pendingOf(renewed)).toEqual([kept]);
  });

  it('moves refused events into a bounded quarantine', () => {
    const outbox = openOutbox({ maxQuarantined: 2 });
    const events = [health(outbox, 'a'), health(outbox, 'b'), health(outbox, 'c'), health(outbox, 'd')];
    const rejected = [1, 2, 3].map((seq) => ({ seq, code: 'invalid-payload' }));
    const ack = { ...ackOf(events[0]?.streamId ?? '', [3]), rejected };
    expect(outbox.acknowledge(ack)).toMatchObject({ acked: 0, quarantined: 3 });
    expect(outbox.quarantined().map(({ envelope }) => envelope)).toEqual([events[1], events[2]]);
    expect(pendingOf(outbox)).toEqual([events[3]]);
  });

  it('sends committed events again when central was restored, and ignores acknowledgements from before', () => {
    const outbox = openOutbox();
    const events = [health(outbox), health(outbox)];
    const streamId = events[0]?.streamId ?? '';
    outbox.acknowledge(ackOf(streamId, [1, 2], 3));
    expect(pendingOf(outbox)).toEqual([]);
    expect(outbox.acknowledge(ackOf(streamId, [2], 4))).toMatchObject({ resurrected: 2, acked: 1 });
    expect(pendingOf(outbox)).toEqual([events[0]]);
    expect(outbox.acknowledge(ackOf(streamId, [1], 3))).toMatchObject({ stale: true, acked: 0 });
    expect(pendingOf(outbox)).toEqual([events[0]]);
    expect(outbox.noticeDatabaseEpoch(5)).toBe(1);
    expect(pendingOf(outbox)).toEqual(events);
  });

  it('remembers the database epoch over a restart', () => {
    const outbox = openOutbox();
    const event = health(outbox);
    outbox.acknowledge(ackOf(event.streamId, [1], 7));
    const reopened = openOutbox();
    expect(reopened.stats().databaseEpoch).toBe(7);
    expect(reopened.noticeDatabaseEpoch(7)).toBe(0);
    expect(reopened.noticeDatabaseEpoch(8)).toBe(1);
  });

  it('makes committed events pending as they are asked for after a restore of central, and goes on after a restart', () => {
    const outbox = openOutbox();
    const events = Array.from({ length: 60 }, () => health(outbox));
    const { streamId } = health(outbox);
    outbox.acknowledge(
      ackOf(
        streamId,
        [...events.keys()].map((i) => i + 1),
      ),
    );
    expect(outbox.noticeDatabaseEpoch(2)).toBe(60);
    expect(outbox.stats()).toMatchObject({ pending: 61, acked: 0 });
    expect(storedAsPending()).toBe(1);

    const first = outbox.pending({ limit: 25 });
    expect(storedAsPending()).toBe(26);
    const second = outbox.pending({ limit: 25, afterRowOrder: first.at(-1)?.rowOrder });
    expect([...first, ...second].map(({ envelope }) => envelope)).toEqual(events.slice(0, 50));
    expect(storedAsPending()).toBe(51);

    outbox.close();
    const reopened = openOutbox();
    expect(reopened.stats()).toMatchObject({ pending: 61, acked: 0 });
    expect(pendingOf(reopened).slice(0, 60)).toEqual(events);
    expect(reopened.stats()).toMatchObject({ pending: 61, acked: 0 });
    expect(storedAsPending()).toBe(61);
  });

  it('does not send again what central has confirmed since its restore', () => {
    const outbox = openOutbox();
    const events = Array.from({ length: 6 }, () => health(outbox));
    const streamId = events[0]?.streamId ?? '';
    outbox.acknowledge(ackOf(streamId, [1, 2, 3, 4, 5]));
    outbox.noticeDatabaseEpoch(2);
    expect(outbox.pending({ limit: 1 })).toHaveLength(1);
    expect(outbox.acknowledge(ackOf(streamId, [1, 2, 4], 2)).acked).toBe(3);
    expect(pendingOf(outbox)).toEqual([events[2], events[4], events[5]]);
    expect(outbox.noticeDatabaseEpoch(3)).toBe(3);
    expect(pendingOf(outbox)).toEqual(events);
  });

  it('gives up copies that are to be sent again before events that were never sent', () => {
    const outbox = openOutbox({ maxEvents: 10 });
    const copies = Array.from({ length: 8 }, () => door(outbox));
    const streamId = copies[0]?.streamId ?? '';
    outbox.acknowledge(ackOf(streamId, [1, 2, 3, 4, 5, 6, 7, 8]));
    const unsent = Array.from({ length: 6 }, () => health(outbox));
    outbox.noticeDatabaseEpoch(2);
    pendingOf(outbox);
    const last = health(outbox);
    const pending = pendingOf(outbox);
    expect(pending.filter(({ kind }) => kind === 'health')).toEqual([...unsent, last]);
    expect(pending.filter(({ kind }) => kind === 'door').length).toBeLessThan(8);
    expect(gapNumbersOf(pending)).toEqual(missingFrom(pending, streamId, last.seq));
  });

  it('keeps copies that wait to be sent again beyond their time', () => {
    const outbox = openOutbox({ keepAckedMs: 1_000 });
    const events = [health(outbox), health(outbox)];
    const streamId = events[0]?.streamId ?? '';
    outbox.acknowledge(ackOf(streamId, [1, 2]));
    outbox.noticeDatabaseEpoch(2);
    clock.advance(1_001);
    outbox.acknowledge(ackOf(streamId, [1], 2));
    expect(pendingOf(outbox)).toEqual([events[1]]);
  });

  it('forgets committed events after the time that they are kept', () => {
    const outbox = openOutbox({ keepAckedMs: 1_000 });
    const events = [health(outbox), health(outbox)];
    outbox.acknowledge(ackOf(events[0]?.streamId ?? '', [1]));
    clock.advance(1_001);
    outbox.acknowledge(ackOf(events[0]?.streamId ?? '', [2]));
    expect(outbox.stats()).toMatchObject({ acked: 1, pending: 0 });
  });

  it('does so in a database of a version that had no index for it', () => {
    const outbox = openOutbox({ keepAckedMs: 1_000 });
    const { streamId } = health(outbox);
    outbox.acknowledge(ackOf(streamId, [1]));
    outbox.close();
    databases.at(-1)?.execute('DROP INDEX outbox_event_by_age');
    databases.at(-1)?.execute('DROP INDEX outbox_event_by_copy');
    databases.at(-1)?.execute('ALTER TABLE outbox_event DROP COLUMN acked_epoch');
    clock.advance(1_001);
    outbox.open();
    expect(outbox.stats()).toMatchObject({ acked: 0, pending: 0 });
  });

  it('gives up health first when it is full, and names what it gave up', () => {
    const outbox = openOutbox({ maxEvents: 10 });
    const doors = [door(outbox), door(outbox)];
    for (let i = 0; i < 30; i++) health(outbox, `beat ${i}`);
    const last = door(outbox);
    const pending = pendingOf(outbox);
    expect(pending.length).toBeLessThanOrEqual(10);
    expect(pending.filter(({ kind }) => kind === 'door')).toEqual([...doors, last]);
    expect(gapNumbersOf(pending)).toEqual(missingFrom(pending, last.streamId, last.seq));
  });

  it('tells in one event of the gaps of streams that ended with earlier runs', () => {
    const outbox = openOutbox({ maxEvents: 10 });
    for (let run = 0; run < 12; run++) {
      health(outbox, `run ${run}`);
      outbox.close();
      outbox.open();
    }
    const dropped = pendingOf(outbox).filter(({ kind }) => kind === 'dropped');
    expect(pendingOf(outbox).length).toBeLessThanOrEqual(10);
    expect(dropped.length).toBeGreaterThan(0);
    for (const { body } of dropped) expect(droppedBody.parse(body).streams?.length).toBeGreaterThan(0);
  });

  it('takes an event though it is full of records of gaps that cannot be merged, and loses none of them', () => {
    const outbox = openOutbox({ maxEvents: 10 });
    const gaps = Array.from({ length: 15 }, () => gapsOfOtherStreams(outbox, 500));
    const last = door(outbox);
    const pending = pendingOf(outbox);
    expect(pending.map(({ id }) => id)).toEqual([...gaps, last].map(({ id }) => id));
  });

  it('keeps every gap that it has named, whatever their number, over many restarts', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('gaps' as const), ranges: fc.integer({ min: 1, max: 500 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constantFrom('health' as const, 'door' as const, 'reopen' as const) }),
      },
    );
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const outbox = openOutbox({ maxEvents: 10 }, `gaps-${run++}.db`);
        const numbers = new Set<string>();
        for (const one of steps) {
          if (one.kind === 'reopen') {
            outbox.close();
            outbox.open();
            continue;
          }
          const event =
            one.kind === 'gaps'
              ? gapsOfOtherStreams(outbox, one.ranges)
              : one.kind === 'health'
                ? health(outbox)
                : door(outbox);
          numbers.add(`${event.streamId} ${event.seq}`);
          if (one.kind === 'gaps') for (const gap of gapPairs(event.streamId, event.body)) numbers.add(nameOf(gap));
        }
        const pending = pendingOf(outbox);
        const gaps = pending
          .filter(({ kind }) => kind === 'dropped')
          .flatMap(({ streamId, body }) => gapPairs(streamId, body));
        const told = new Set([...pending, ...gaps].map(nameOf));
        expect([...numbers].filter((number) => !told.has(number))).toEqual([]);
        // Ten, unless the gaps alone need more: 500 in an event.
        expect(pending.length).toBeLessThanOrEqual(Math.max(10, Math.ceil(gaps.length / 500) + 2));
        databases.pop()?.close();
      }),
      { numRuns: 30 },
    );
  });

  it('gives up copies of committed events and pictures before events when bytes run out', () => {
    const outbox = openOutbox({ maxBytes: 60_000 });
    const picture = Buffer.alloc(9_000).toString('base64');
    const body = { action: 'opened' as const, trackId: null, personId: null, reasons: [] };
    const append = () => outbox.append({ kind: 'door', body, thumbnail: picture, ...clockState });
    const first = append();
    outbox.acknowledge(ackOf(first.streamId, [1]));
    for (let i = 0; i < 20; i++) append();
    const pending = pendingOf(outbox);
    expect(outbox.stats().acked).toBe(0);
    expect(pending.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    expect(pending[0]?.thumbnail).toBeUndefined();
    expect(pending.at(-1)?.thumbnail).toBe(picture);
    expect(outbox.stats().pendingBytes).toBeLessThan(80_000);
  });

  it('makes room when the file itself has reached its limit', () => {
    const outbox = openOutbox({}, 'small.db', 400_000);
    let last = door(outbox);
    for (let i = 0; i < 2_000; i++) last = door(outbox);
    const pending = pendingOf(outbox);
    expect(last.seq).toBeGreaterThan(2_000);
    expect(gapNumbersOf(pending)).toEqual(missingFrom(pending, last.streamId, last.seq));
  });

  it('quarantines an event that the disk has altered, and tells of the gap', () => {
    const outbox = openOutbox();
    const events = [health(outbox, 'first'), health(outbox, 'second'), health(outbox, 'third')];
    databases[0]?.run('UPDATE outbox_event SET body = ? WHERE seq = 2', ['{"message":"forged","state":"started"}']);
    expect(pendingOf(outbox)).toEqual([events[0], events[2]]);
    const rest = pendingOf(outbox);
    expect(rest.at(-1)).toMatchObject({ kind: 'dropped', body: { from: 2, to: 2, count: 1 } });
    expect(outbox.stats()).toMatchObject({ quarantined: 1, pending: 3 });
  });

  it.each<[string, (outbox: Outbox) => void]>([
    ['is read', (outbox) => pendingOf(outbox)],
    ['has to go', (outbox) => Array.from({ length: 30 }, () => health(outbox))],
  ])('names all numbers without an event when a record of gaps cannot be understood as it %s', (_, meet) => {
    const outbox = openOutbox({ maxEvents: 20 });
    const { streamId } = outbox.stats();
    for (let i = 0; i < 50; i++) health(outbox);
    expect(databases[0]?.run(`UPDATE outbox_event SET body = '{}' WHERE kind = 'dropped'`)).toBeGreaterThan(0);
    meet(outbox);
    const pending = pendingOf(outbox);
    const lastSeq = Math.max(...pending.map(({ seq }) => seq));
    expect(gapNumbersOf(pending)).toEqual(missingFrom(pending, streamId, lastSeq));
  });

  it('refuses the database of a newer version, which is not damaged', () => {
    openOutbox().close();
    databases[0]?.run(`UPDATE outbox_meta SET value = 99 WHERE name = 'schema-version'`);
    expect(() => openOutbox()).toThrow(expect.objectContaining({ code: 'storage-failed' }));
  });

  it('takes a database that does not say its version for damaged', () => {
    openOutbox().close();
    databases[0]?.run(`DELETE FROM outbox_meta WHERE name = 'schema-version'`);
    expect(() => openOutbox()).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
  });

  it('keeps, for any history, every number either committed, pending or named as given up', () => {
    const command = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .constantFrom('health' as const, 'door' as const)
          .map((kind) => ({ type: 'append' as const, kind })),
      },
      {
        weight: 2,
        arbitrary: fc.record({ type: fc.constant('ack' as const), keep: fc.array(fc.boolean(), { maxLength: 12 }) }),
      },
      { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
      { weight: 1, arbitrary: fc.constant({ type: 'restore-central' as const }) },
      {
        weight: 2,
        arbitrary: fc.record({ type: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 5 }) }),
      },
    );
    let run = 0;
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const outbox = openOutbox({ maxEvents: 12 }, `history-${run++}.db`);
        const appended = new Map<string, number[]>();
        const committed = new Map<string, Set<number>>();
        const gapsSeen: { streamId: string; seq: number }[] = [];
        let epoch = 1;
        for (const step of commands) {
          if (step.type === 'append') {
            const event = step.kind === 'health' ? health(outbox) : door(outbox);
            appended.set(event.streamId, [...(appended.get(event.streamId) ?? []), event.seq]);
          } else if (step.type === 'reopen') {
            outbox.close();
            outbox.open();
          } else if (step.type === 'read') {
            outbox.pending({ limit: step.limit });
          } else if (step.type === 'restore-central') {
            // The worst restore: central has lost everything.
            committed.clear();
            outbox.noticeDatabaseEpoch(++epoch);
          } else {
            const chosen = pendingOf(outbox).filter((_, i) => step.keep[i] ?? false);
            for (const { streamId, seq, kind, body } of chosen) {
              const known = committed.get(streamId) ?? new Set();
              committed.set(streamId, known.add(seq));
              if (kind === 'dropped') gapsSeen.push(...gapPairs(streamId, body));
              outbox.acknowledge(ackOf(streamId, [seq], epoch));
            }
          }
        }
        const pending = pendingOf(outbox);
        for (const [streamId, sequences] of appended) {
          // Gapless and ascending among what was appended; `dropped` events take numbers in between.
          expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
          for (const seq of sequences) {
            const isPending = pending.some((event) => event.streamId === streamId && event.seq === seq);
            const isNamed = pending
              .filter(({ kind }) => kind === 'dropped')
              .some((event) =>
                gapsOf(droppedBody.parse(event.body), event.streamId).some(
                  (gap) => gap.streamId === streamId && inRanges(gap.ranges, seq),
                ),
              );
            const isCommitted = committed.get(streamId)?.has(seq) ?? false;
            const wasNamed = gapsSeen.some((gap) => gap.streamId === streamId && gap.seq === seq);
            expect({ streamId, seq, kept: isPending || isNamed || isCommitted || wasNamed }).toMatchObject({
              kept: true,
            });
          }
        }
        expect(outbox.stats().pending).toBe(pending.length);
        for (const database of databases.splice(0)) database.close();
      }),
      { numRuns: 30 },
    );
  });
});

function nameOf({ streamId, seq }: { readonly streamId: string; readonly seq: number }): string {
  return `${streamId} ${seq}`;
}

function gapPairs(ownStreamId: string, body: unknown): { streamId: string; seq: number }[] {
  return gapsOf(droppedBody.parse(body), ownStreamId).flatMap(({ streamId, ranges }) =>
    ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => ({ streamId, seq: from + i }))),
  );
}

function gapNumbersOf(events: EventEnvelope[]): number[] {
  const named = events
    .filter(({ kind }) => kind === 'dropped')
    .flatMap(({ streamId, body }) => gapPairs(streamId, body).map(({ seq }) => seq));
  return [...new Set(named)].sort((a, b) => a - b);
}

function missingFrom(events: EventEnvelope[], streamId: string, lastSeq: number): number[] {
  const present = new Set(events.filter((event) => event.streamId === streamId).map(({ seq }) => seq));
  return Array.from({ length: lastSeq }, (_, i) => i + 1).filter((seq) => !present.has(seq));
}

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { droppedBody, type EventEnvelope } from '@latchkey/contracts';
import { inRanges, isLatchkeyError } from '@latchkey/domain';
import { ManualClock, temporaryFolder } from '@latchkey/testing';
import { LocalDatabase } from '../database/local-database.ts';
import { DamagedOutbox } from './damaged-outbox.ts';
import { gapsOf } from './drop-plan.ts';
import { Outbox } from './outbox.ts';

const encryptionKeyHex = '5a'.repeat(32);
const pageBytes = 4096;
const folder = temporaryFolder();
const whole = folder.file('whole.db');
const damaged = folder.file('damaged.db');
const fresh = folder.file('fresh.db');
/** Events that wait for central, by stream and number. */
const pending = new Map<string, EventEnvelope>();
const streamIds: string[] = [];
let freshCopy: Buffer;
let rootPage = 0;

afterAll(() => folder.remove());

const keyOf = ({ streamId, seq }: { streamId: string; seq: number }) => `${streamId}/${seq}`;

function open(path: string): { database: LocalDatabase; outbox: Outbox } {
  const database = LocalDatabase.open({ path, encryptionKeyHex });
  const outbox = new Outbox({ database, clock: new ManualClock(), randomBytes });
  outbox.open();
  return { database, outbox };
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

beforeAll(() => {
  // Two streams: of each, the first events are committed.
  for (let life = 0; life < 2; life++) {
    const { database, outbox } = open(whole);
    const { streamId } = outbox.stats();
    streamIds.push(streamId);
    for (let i = 0; i < 60; i++) {
      const event = outbox.append({
        kind: 'health',
        body: { state: 'started', message: `${life}/${i} ${'ä'.repeat((i * 7) % 150)}` },
        clockOffsetMs: null,
        clockTrusted: false,
      });
      if (i >= 20) pending.set(keyOf(event), event);
    }
    outbox.acknowledge({ streamId, ranges: [[1, 20]], rejected: [], databaseEpoch: 3 });
    outbox.close();
    database.close();
  }
  const { database } = open(fresh);
  rootPage = Number(database.get(`SELECT rootpage FROM sqlite_schema WHERE name = 'outbox_event'`)?.rootpage);
  database.close();
  freshCopy = readFileSync(fresh);
});

/** Copies the whole database, damages the copy, and lets a new outbox take over what can be read. */
function salvage(damage: (bytes: Buffer) => void, repeat = false) {
  for (const path of [damaged, fresh]) removeFiles(path);
  const bytes = readFileSync(whole);
  damage(bytes);
  writeFileSync(damaged, bytes);
  writeFileSync(fresh, freshCopy);
  const { database, outbox } = open(fresh);
  let source: LocalDatabase | null = null;
  try {
    source = LocalDatabase.open({ path: damaged, encryptionKeyHex });
    const report = outbox.adopt(new DamagedOutbox(source));
    const again = repeat ? outbox.adopt(new DamagedOutbox(source)) : null;
    const all = outbox.pending({ limit: 10_000 }).map(({ envelope }) => envelope);
    const gaps = all
      .filter(({ kind }) => kind === 'dropped')
      .flatMap(({ body, streamId }) => gapsOf(droppedBody.parse(body), streamId));
    const isDeclared = ({ streamId, seq }: EventEnvelope) =>
      gaps.some((gap) => gap.streamId === streamId && inRanges(gap.ranges, seq));
    const events = all.filter(({ streamId }) => streamIds.includes(streamId));
    const undeclared = [...pending.values()].filter(
      (event) => !events.some((other) => keyOf(other) === keyOf(event)) && !isDeclared(event),
    );
    return { report, again, events, undeclared, epoch: outbox.stats().databaseEpoch };
  } finally {
    source?.close();
    outbox.close();
    database.close();
  }
}

describe('a damaged outbox', () => {
  it('gives every event when nothing of it is damaged after all, and declares nothing', () => {
    const { report, again, events, epoch } = salvage(() => undefined, true);
    expect(report).toEqual({ pending: 80, settled: 40, lost: 0, unnamed: 0 });
    expect(again).toEqual({ pending: 0, settled: 0, lost: 0, unnamed: 0 });
    expect(events).toEqual([...pending.values()]);
    expect(epoch).toBe(3);
  });

  it('gives every event that can be read and declares the others, whichever byte of a page is flipped', () => {
    const pages = readFileSync(whole).length / pageBytes;
    expect(pages).toBeGreaterThan(12);
    const seen = { whole: 0, partly: 0, unreadable: 0 };
    for (let page = 0; page < pages; page++) {
      for (const offset of [1, 3_000]) {
        const where = `page ${page + 1}, byte ${offset}`;
        try {
          const { report, events, undeclared } = salvage((bytes) => {
            const at = page * pageBytes + offset;
            bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
          });
          expect({ where, undeclared: undeclared.length }).toEqual({ where, undeclared: 0 });
          for (const event of events) expect(event.body).toEqual(pending.get(keyOf(event))?.body);
          // A page holds some 20 events at most; only the one above all others may cost more.
          if (page !== rootPage - 1) expect({ where, few: report.lost <= 30 }).toEqual({ where, few: true });
          seen[report.lost === 0 ? 'whole' : 'partly']++;
        } catch (error) {
          // The first page leads to all others.
          if (page > 0 || !isLatchkeyError(error, 'storage-corrupt')) throw error;
          seen.unreadable++;
        }
      }
    }
    expect(seen.partly).toBeGreaterThan(pages / 2);
    expect(seen.whole).toBeGreaterThan(2);
    expect(seen.unreadable).toBeGreaterThan(0);
  });

  it('declares what lay on pages whose index is gone as well', () => {
    const pages = readFileSync(whole).length / pageBytes;
    const { report, undeclared } = salvage((bytes) => {
      for (let page = 5; page < pages; page++) bytes.fill(0x77, page * pageBytes, (page + 1) * pageBytes);
    });
    expect(report.pending).toBe(0);
    expect(report.lost).toBeGreaterThanOrEqual(80);
    expect(undeclared).toEqual([]);
  });

  it('sends again what waited for that after a restore of central', () => {
    for (const path of [damaged, fresh]) removeFiles(path);
    writeFileSync(damaged, readFileSync(whole));
    const old = open(damaged);
    expect(old.outbox.noticeDatabaseEpoch(4)).toBe(40);
    expect(old.outbox.pending({ limit: 5 })).toHaveLength(5);
    old.outbox.close();
    const { database, outbox } = open(fresh);
    outbox.adopt(new DamagedOutbox(old.database));
    expect(outbox.stats()).toMatchObject({ pending: 120, acked: 0, databaseEpoch: 4 });
    expect(outbox.pending({ limit: 1_000 })).toHaveLength(120);
    outbox.close();
    old.database.close();
    database.close();
  });

  it('declares anew what a dropped event had named that cannot be read any more', () => {
    for (const path of [damaged, fresh]) removeFiles(path);
    const source = LocalDatabase.open({ path: damaged, encryptionKeyHex });
    const full = new Outbox({ database: source, clock: new ManualClock(), randomBytes, maxEvents: 20 });
    full.open();
    const { streamId } = full.stats();
    const body = { state: 'started', message: 'Hello.' } as const;
    for (let i = 0; i < 50; i++) full.append({ kind: 'health', body, clockOffsetMs: null, clockTrusted: false });
    full.close();
    const kept = Number(source.get(`SELECT count(*) AS kept FROM outbox_event WHERE kind <> 'dropped'`)?.kept);
    expect(source.run(`UPDATE outbox_event SET body = '{}' WHERE kind = 'dropped'`)).toBeGreaterThan(0);
    const { database, outbox } = open(fresh);
    const lastSeq = Number(source.get('SELECT max(last_seq) AS seq FROM outbox_stream')?.seq);
    expect(outbox.adopt(new DamagedOutbox(source))).toEqual({
      pending: kept,
      settled: 0,
      lost: lastSeq - kept,
      unnamed: 0,
    });
    const declared = outbox
      .pending({ limit: 1_000 })
      .filter(({ envelope }) => envelope.kind === 'dropped')
      .flatMap(({ envelope }) => gapsOf(droppedBody.parse(envelope.body), envelope.streamId));
    expect(declared.map((gap) => gap.streamId)).toEqual([streamId]);
    source.close();
    outbox.close();
    database.close();
  });
});

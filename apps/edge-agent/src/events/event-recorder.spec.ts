import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type LocalDatabase, Outbox } from '@latchkey/link';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { openAgentDatabase } from '../store/agent-database.ts';
import { EventRecorder } from './event-recorder.ts';
import { TamperLog } from './tamper-log.ts';

const silent = pino({ level: 'silent' });

describe('events of a device', () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;
  let outbox: Outbox;
  let clock: ManualClock;
  let recorder: EventRecorder;

  beforeEach(() => {
    folder = temporaryFolder();
    clock = new ManualClock();
    const opened = openAgentDatabase(folder.path, 'x', (database) => {
      const made = new Outbox({ database, clock, randomBytes });
      made.open();
      return made;
    });
    database = opened.database;
    outbox = opened.prepared;
    const stamp = () => ({ occurredAt: clock.now(), clockOffsetMs: 7, clockTrusted: true });
    recorder = new EventRecorder(outbox, stamp, silent);
  });

  afterEach(() => {
    database.close();
    folder.remove();
  });

  const pending = () => outbox.pending({ limit: 1_000 }).map(({ envelope }) => envelope);
  const started = { state: 'started', message: 'Hello.' } as const;

  it('are on disk with what is known of the clock', () => {
    recorder.record('health', started, Uint8Array.of(1, 2, 3));
    expect(pending()).toMatchObject([
      {
        kind: 'health',
        body: started,
        clockOffsetMs: 7,
        clockTrusted: true,
        occurredAt: new Date(clock.now()).toISOString(),
        thumbnail: 'AQID',
      },
    ]);
  });

  it('that cannot be written are an error for whoever must know, and told of when the disk is back', () => {
    database.execute(`CREATE TRIGGER no_space BEFORE INSERT ON outbox_event BEGIN SELECT RAISE(FAIL, 'disk'); END`);
    expect(() => recorder.record('health', started)).toThrow();
    expect(() => recorder.note('health', started)).not.toThrow();
    database.execute('DROP TRIGGER no_space');
    recorder.record('health', started);
    expect(pending().map(({ body }) => body)).toMatchObject([{ state: 'storage-failed' }, { state: 'started' }]);
  });

  it('tell of an attempt to deceive at once, and not again for a minute', () => {
    const tamper = new TamperLog(recorder, clock, silent);
    for (let i = 0; i < 50; i++) tamper.note('replayed', 'topic', 'Again.');
    tamper.note('replayed', 'other topic', 'Again.');
    clock.advance(60_000);
    tamper.note('replayed', 'topic', 'Again.');
    expect(pending().map(({ body }) => body)).toMatchObject([
      { what: 'replayed', topic: 'topic', message: 'Again.' },
      { what: 'replayed', topic: 'other topic' },
      { what: 'replayed', topic: 'topic', message: 'Again. (49 more before this one)' },
    ]);
  });

  it('do not fill the disk when a flood comes over many topics', () => {
    const tamper = new TamperLog(recorder, clock, silent);
    for (let i = 0; i < 1_000; i++) tamper.note('retained', `topic ${i}`, 'Kept.');
    expect(pending().length).toBeLessThanOrEqual(200);
    clock.advance(60_000);
    tamper.note('retained', 'topic 999', 'Kept.');
    expect(pending().at(-1)?.body).toMatchObject({ topic: 'topic 999' });
  });
});

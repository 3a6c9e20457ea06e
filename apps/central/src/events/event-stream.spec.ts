import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { EventKind } from '@latchkey/contracts';
import { eventually, gate } from '@latchkey/testing';
import { EventStream, type StreamRequest } from './event-stream.ts';
import type { EventRow } from './event-view.ts';
import { compareCursors, type LiveCursor } from './live-cursor.ts';
import { type LiveListener, liveEventOf } from './live-events.ts';

function aRow(xid: number, position: number, kind: EventKind = 'health', text = ''): EventRow {
  return {
    position: String(position),
    xid: String(xid),
    id: `00000000-0000-7000-8000-${String(position).padStart(12, '0')}`,
    stream_id: '0b1c8a52-6c1c-4a57-9d7e-2b8d5a4d9c11',
    seq: String(position),
    kind,
    site_id: 'main',
    device_id: 'door-1',
    occurred_at: new Date(0),
    received_at: new Date(0),
    clock_offset_ms: null,
    clock_trusted: true,
    person_id: null,
    person_name: null,
    decision: null,
    has_thumbnail: false,
    enrollable: false,
    body: { text },
  };
}

/** A log that only grows, with one watcher. */
class FakeLog {
  readonly rows: EventRow[] = [];
  listener: LiveListener | null = null;
  /** Waited for before a page is read. */
  beforePage: () => Promise<void> = async () => undefined;

  add(...rows: EventRow[]): void {
    this.rows.push(...rows);
    this.listener?.(rows.map(liveEventOf));
  }

  listen = async (listener: LiveListener) => {
    this.listener = listener;
    const last = this.rows.at(-1);
    const end: LiveCursor = last ? { xid: last.xid, position: last.position } : { xid: '0', position: '0' };
    return { end, stop: () => this.#stop() };
  };

  /** What a place may be at most: before every transaction that still runs. */
  liveEnd = async (): Promise<LiveCursor> => ({ xid: String(Number(this.rows.at(-1)?.xid ?? 0) + 1), position: '0' });

  liveAfter = async (cursor: LiveCursor, _filter: object, limit: number): Promise<EventRow[]> => {
    await this.beforePage();
    return this.rows
      .filter((row) => compareCursors({ xid: row.xid, position: row.position }, cursor) > 0)
      .slice(0, limit);
  };

  #stop(): void {
    this.listener = null;
  }
}

function aStream(log: FakeLog, request: Partial<StreamRequest> = {}, out = new PassThrough()) {
  const stream = new EventStream(log, log, out, { filter: {}, after: null, mayContinue: async () => true, ...request });
  let text = '';
  const ended = stream.run();
  return {
    stream,
    out,
    ended,
    read: () => {
      text += String(out.read() ?? '');
      return text;
    },
  };
}

function positions(text: string): number[] {
  return [...text.matchAll(/^data: .*"seq":(\d+)/gm)].map(([, seq]) => Number(seq));
}

describe('EventStream', () => {
  it('tells its place at once, so that whoever saw nothing yet can resume', async () => {
    const log = new FakeLog();
    log.add(aRow(3, 1));
    const { stream, read, ended } = aStream(log);
    await eventually('the first line', () => read().includes('id: 3-1'));
    log.add(aRow(4, 2));
    expect(positions(read())).toEqual([2]);
    stream.end();
    await ended;
    expect(log.listener).toBeNull();
  });

  it('sends what was missed and what comes meanwhile once each', async () => {
    const log = new FakeLog();
    log.add(aRow(1, 1), aRow(2, 2));
    const page = gate();
    log.beforePage = () => page.opened;
    const { stream, read, ended } = aStream(log, { after: { xid: '1', position: '1' } });
    await eventually('the watcher', () => log.listener);
    // Into the page that is being read, and to the listener.
    log.add(aRow(3, 3), aRow(3, 4));
    page.open();
    await eventually('the missed ones', () => positions(read()).length >= 3);
    log.add(aRow(5, 5));
    expect(positions(read())).toEqual([2, 3, 4, 5]);
    stream.end();
    await ended;
  });

  it('sends nothing twice when the reader of the log tells late of what was read for the watcher already', async () => {
    const log = new FakeLog();
    log.add(aRow(1, 1));
    const { stream, read, ended } = aStream(log, { after: { xid: '1', position: '1' } });
    const late = [aRow(2, 2), aRow(2, 3)];
    // Committed and read by the watcher's catch-up, while the one reader for all has not come to them.
    log.rows.push(...late);
    await eventually('the missed ones', () => positions(read()).length === 2);
    log.listener?.(late.map(liveEventOf));
    log.add(aRow(3, 4));
    expect(positions(read())).toEqual([2, 3, 4]);
    stream.end();
    await ended;

    const again = aStream(log, { after: { xid: '3', position: '4' } });
    await eventually('the watcher', () => log.listener && again.read().includes('id: 3-4'));
    log.listener?.([aRow(2, 3), aRow(3, 4)].map(liveEventOf));
    log.add(aRow(5, 5));
    expect(positions(again.read())).toEqual([5]);
    again.stream.end();
    await again.ended;
  });

  it('tells of a gap, and then of what is new, whoever stopped at a place that the log has not reached', async () => {
    const log = new FakeLog();
    log.add(aRow(1, 1));
    const { stream, read, ended } = aStream(log, { after: { xid: '900', position: '5' } });
    await eventually('the gap', () => read().includes('id: 1-1') && read().includes('event: gap'));
    log.add(aRow(2, 2));
    expect(positions(read())).toEqual([2]);
    stream.end();
    await ended;
  });

  it('sends only what its filter takes', async () => {
    const log = new FakeLog();
    const { stream, read, ended } = aStream(log, { filter: { kind: 'door' } });
    await eventually('the watcher', () => log.listener && read().includes('id:'));
    log.add(aRow(1, 1, 'health'), aRow(1, 2, 'door'), aRow(1, 3, 'unknown'));
    expect(positions(read())).toEqual([2]);
    stream.end();
    await ended;
  });

  it('says that there is a gap to whoever is too far behind', async () => {
    const log = new FakeLog();
    log.add(...Array.from({ length: 5300 }, (_, i) => aRow(i + 1, i + 1)));
    const { stream, read, ended } = aStream(log, { after: { xid: '0', position: '0' } });
    await eventually('the gap', () => read().includes('event: gap'));
    expect(positions(read())).toHaveLength(5000);
    stream.end();
    await ended;
  });

  it('ends at the heartbeat after its session has ended', async () => {
    let signedIn = true;
    const log = new FakeLog();
    const { read, ended } = aStream(log, { heartbeatMs: 5, mayContinue: async () => signedIn });
    await eventually('a heartbeat', () => read().includes(': alive'));
    signedIn = false;
    await ended;
    expect(log.listener).toBeNull();
  });

  it('lives on when the session cannot be asked about', async () => {
    const log = new FakeLog();
    const { stream, read, ended } = aStream(log, {
      heartbeatMs: 5,
      mayContinue: () => Promise.reject(new Error('away')),
    });
    await eventually('a heartbeat', () => read().includes(': alive'));
    stream.end();
    await ended;
  });

  it('cuts off a watcher who does not read', async () => {
    const log = new FakeLog();
    const { ended } = aStream(log);
    await eventually('the watcher', () => log.listener);
    for (let i = 1; i <= 400; i++) log.add(aRow(i, i, 'health', 'x'.repeat(5000)));
    await ended;
    expect(log.listener).toBeNull();
  });

  it('ends when the watcher leaves', async () => {
    const log = new FakeLog();
    const { out, ended } = aStream(log);
    await eventually('the watcher', () => log.listener);
    out.destroy();
    await ended;
    expect(log.listener).toBeNull();
  });
});

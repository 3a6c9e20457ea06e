import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock, Frame } from '@latchkey/domain';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import type { CameraReport } from './camera-report.ts';
import { FolderCamera } from './folder.camera.ts';

const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** The checksum of PNG (RFC 2083 §3.4). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A PNG of one colour, 8 × 8 (RFC 2083). */
function aPng(grey: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]);
  const rows = Buffer.concat(Array.from({ length: 8 }, () => Buffer.from([0, ...Array(8).fill(grey)])));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('folder camera', () => {
  let folder: TemporaryFolder;
  let reports: CameraReport[];
  let stop: AbortController;

  beforeEach(() => {
    folder = temporaryFolder();
    reports = [];
    stop = new AbortController();
  });

  afterEach(() => {
    stop.abort();
    folder.remove();
  });

  const put = (name: string, grey = 200) => writeFileSync(folder.file(name), aPng(grey));

  function frames(framesPerSecond = 100, holdMs = 35): AsyncIterator<Frame> {
    const report = (given: CameraReport) => reports.push(given);
    const camera = new FolderCamera({ cameraId: 'door', folder: folder.path, framesPerSecond, holdMs, clock, report });
    return camera.frames(stop.signal);
  }

  async function next(from: AsyncIterator<Frame>): Promise<Frame> {
    const { value } = await from.next();
    return value as Frame;
  }

  /** Names the pictures that are shown, each once. */
  function watching(from: AsyncIterator<Frame>): (count: number) => Promise<string[]> {
    let last = '';
    return async (count) => {
      const names: string[] = [];
      while (names.length < count) {
        const { source } = await next(from);
        if (source !== last && source !== 'between pictures') names.push(source);
        last = source;
      }
      return names;
    };
  }

  it('shows the pictures in the order of their names, round and round', async () => {
    put('b.png');
    put('a.png');
    put('c.PNG');
    writeFileSync(folder.file('notes.txt'), 'no picture');
    expect(await watching(frames())(4)).toEqual(['a.png', 'b.png', 'c.PNG', 'a.png']);
  });

  it('gives several frames of one picture, then black ones, with the time of now', async () => {
    put('a.png', 200);
    const camera = frames();
    const before = Date.now();
    const all: Frame[] = [];
    for (let i = 0; i < 12; i++) all.push(await next(camera));
    const pictures = all.filter(({ source }) => source === 'a.png');
    const black = all.filter(({ source }) => source === 'between pictures');
    expect(pictures.length).toBeGreaterThan(1);
    expect(black.length).toBeGreaterThan(1);
    expect(pictures[0]?.image).toMatchObject({ width: 8, height: 8 });
    expect(pictures[0]?.image.data[0]).toBe(200);
    expect(black[0]?.image).toMatchObject({ width: 8, height: 8 });
    expect(Math.max(...(black[0]?.image.data ?? [1]))).toBe(0);
    for (const { capturedAt } of all) expect(capturedAt).toBeGreaterThanOrEqual(before);
  });

  it('takes up pictures that are added and leaves out those that are removed', async () => {
    put('a.png');
    put('c.png');
    const shown = watching(frames());
    expect(await shown(1)).toEqual(['a.png']);
    put('b.png');
    rmSync(folder.file('c.png'));
    expect(await shown(2)).toEqual(['b.png', 'a.png']);
  });

  it('leaves out a picture that cannot be read, reports it once, and shows it when it was replaced', async () => {
    put('a.png');
    writeFileSync(folder.file('b.png'), aPng(9).subarray(0, 50));
    const shown = watching(frames());
    expect(await shown(3)).toEqual(['a.png', 'a.png', 'a.png']);
    expect(reports.filter(({ type }) => type === 'unreadable')).toMatchObject([
      { source: 'b.png', error: { code: 'image-truncated' } },
    ]);
    put('b.png');
    expect(await shown(1)).toEqual(['b.png']);
  });

  it('reads neither a pipe, which would never end, nor a file of gigabytes', async () => {
    put('z.png');
    execFileSync('mkfifo', [folder.file('a.png')]);
    writeFileSync(folder.file('b.png'), '');
    truncateSync(folder.file('b.png'), 3 * 1024 ** 3);
    mkdirSync(folder.file('c.png'));
    expect(await watching(frames())(2)).toEqual(['z.png', 'z.png']);
    const unreadable = reports.flatMap((report) => (report.type === 'unreadable' ? [report] : []));
    expect(unreadable.map(({ source, error }) => [source, error.code])).toEqual([
      ['a.png', 'not-an-image'],
      ['b.png', 'image-too-large'],
      ['c.png', 'not-an-image'],
    ]);
  });

  it('shows every picture at least once, however short it is held', async () => {
    put('a.png');
    put('b.png');
    expect(await watching(frames(100, 0))(3)).toEqual(['a.png', 'b.png', 'a.png']);
  });

  it('skips frames for a slow reader and never makes up for them', async () => {
    put('a.png');
    const camera = frames(100, 10_000);
    await next(camera);
    await delay(120);
    const before = Date.now();
    const late = await next(camera);
    expect(late.capturedAt).toBeGreaterThanOrEqual(before);
    const skipped = reports.flatMap((report) => (report.type === 'skipped' ? [report.frames] : []));
    expect(skipped.reduce((sum, frames) => sum + frames, 0)).toBeGreaterThanOrEqual(10);
  });

  it('tells once that there is nothing to see, and that there is again', async () => {
    const camera = frames();
    const first = next(camera);
    await delay(50);
    expect(reports).toMatchObject([{ type: 'lost' }]);
    put('a.png');
    expect((await first).source).toBe('a.png');
    expect(reports).toMatchObject([{ type: 'lost' }, { type: 'back' }]);
  });

  it('tells that the folder is not there', async () => {
    rmSync(folder.path, { recursive: true });
    void frames().next();
    await delay(50);
    expect(reports).toMatchObject([{ type: 'lost', message: expect.stringContaining('cannot be read') }]);
  });

  it('ends when it is told to, also while it waits', async () => {
    const camera = frames();
    const first = camera.next();
    await delay(20);
    stop.abort();
    expect((await first).done).toBe(true);
  });
});

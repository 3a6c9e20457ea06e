import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeInProcess } from '../../bench/decode-in-process.ts';
import { type HostileFile, hostileFiles, svgFiles } from '../../bench/hostile-files.ts';

const vision = new URL('../../libs/vision/dist/index.js', import.meta.url).href;
/** What a decoder that hangs is told from one on a busy machine by. */
const timeoutMs = 240_000;
/** Above what the process uses anyway. */
const allowedMiB = 300;

let folder: string;
let server: Server;
const requests: string[] = [];
let files: readonly HostileFile[] = [];
const paths: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-hostile-'));
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  files = [...hostileFiles, ...svgFiles(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)];
  for (const [i, file] of files.entries()) {
    const path = join(folder, String(i));
    writeFileSync(path, await file.make());
    paths.push(path);
  }
}, timeoutMs);
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As the command line decodes pictures, and as central does. */
const ways = [{}, { maxSidePx: 2048 }];

describe('files that want to do harm', () => {
  it.each(ways)(
    'are refused by their codes or are pictures, take little memory, and leave the process alive: %p',
    async (way) => {
      const results = await decodeInProcess(vision, paths, { ...way, timeoutMs });
      const scaled = 'maxSidePx' in way;
      expect(results.map(({ outcome }, i) => [files[i]?.name, outcome])).toEqual(
        files.map(({ name, outcome, pictureWhenScaled }) => [name, scaled && pictureWhenScaled ? 'picture' : outcome]),
      );
      const greedy = results.filter(({ peakMiB }) => peakMiB > allowedMiB);
      expect(greedy.map(({ file, peakMiB }) => [files[paths.indexOf(file)]?.name, peakMiB])).toEqual([]);
    },
    timeoutMs + 60_000,
  );

  it('have nothing fetched for them', () => {
    expect(requests).toEqual([]);
  });
});

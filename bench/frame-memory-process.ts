// Started by frame-memory.ts: node frame-memory-process.js worker|thread FRAMES PART
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaceAnalyzer, decodeImage, startFaceAnalyzerWorker } from '@latchkey/vision';
import { nobody, threePeople } from './camera-frames.ts';
import type { PartOfFrames } from './frame-memory.ts';

const [mode = 'worker', frames = '1000', part = '100'] = process.argv.slice(2);
const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
const analyzer = await (mode === 'worker' ? startFaceAnalyzerWorker : createFaceAnalyzer)({ cacheDir });
try {
  // Few frames show anybody, as at a door.
  const [people, empty] = await Promise.all([threePeople(), nobody()].map(async (png) => decodeImage(await png)));
  if (!people || !empty) throw new Error('There are no frames.');
  let [sum, count] = [0, 0];
  for (let frame = 1; frame <= Number(frames); frame++) {
    const { width, height, data } = frame % 4 === 0 ? people : empty;
    // A camera gives every frame in memory of its own.
    const faces = await analyzer.analyze({ width, height, data: Uint8Array.from(data) });
    if (faces.length !== (frame % 4 === 0 ? 3 : 0)) throw new Error(`Frame ${frame} shows ${faces.length} faces.`);
    sum += process.memoryUsage.rss() / 1024 ** 2;
    count++;
    if (frame % Number(part) !== 0) continue;
    console.log(JSON.stringify({ frames: frame, residentMiB: sum / count } satisfies PartOfFrames));
    [sum, count] = [0, 0];
  }
} finally {
  await analyzer.dispose();
  await rm(cacheDir, { recursive: true, force: true });
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isLatchkeyError, type RgbImage } from '@latchkey/domain';
import { createFaceAnalyzer, decodeImage, type FaceAnalyzer, startFaceAnalyzerWorker } from '@latchkey/vision';
import { WorkerFaceAnalyzer } from '../../libs/vision/src/worker/worker-face-analyzer.ts';
import { samplePath } from './vision-samples.ts';

let cacheDir: string;
let image: RgbImage;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-worker-'));
  image = await decodeImage(await readFile(samplePath(6)));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** An analyzer whose threads the test can kill. */
async function killable(): Promise<{ analyzer: FaceAnalyzer; threads: Worker[]; lines: string[] }> {
  const threads: Worker[] = [];
  const lines: string[] = [];
  const script = fileURLToPath(new URL('../../libs/vision/dist/worker.js', import.meta.url));
  const spawn = (): Worker => {
    const worker = new Worker(script, { workerData: { cacheDir }, execArgv: [] });
    threads.push(worker);
    return worker;
  };
  return { analyzer: await WorkerFaceAnalyzer.start(spawn, (line) => lines.push(line)), threads, lines };
}

describe('the analyzer in a worker thread', () => {
  it('finds what the analyzer in this thread finds and leaves the picture with the caller', async () => {
    const [worker, local] = [await startFaceAnalyzerWorker({ cacheDir }), await createFaceAnalyzer({ cacheDir })];
    expect(worker.model).toEqual(local.model);
    const [there, here] = [await worker.analyze(image), await local.analyze(image)];
    expect(there).toHaveLength(4);
    expect(there).toEqual(here);
    expect(image.data.length).toBe(image.width * image.height * 3);
    await Promise.all([worker.dispose(), local.dispose()]);
  });

  it('leaves this thread free while it works', async () => {
    const worker = await startFaceAnalyzerWorker({ cacheDir });
    let turns = 0;
    const ticker = setInterval(() => turns++, 1);
    await worker.analyze(image);
    clearInterval(ticker);
    expect(turns).toBeGreaterThan(3);
    await worker.dispose();
  });

  it('passes errors on with their codes and goes on', async () => {
    const worker = await startFaceAnalyzerWorker({ cacheDir });
    const wrong = worker.analyze({ width: 10, height: 10, data: new Uint8Array(10) });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await worker.analyze(image, { minFacePx: 600 })).toEqual([]);
    expect(await worker.analyze(image)).toHaveLength(4);
    await worker.dispose();
  });

  it('stops a single analysis when it is told to', async () => {
    const worker = await startFaceAnalyzerWorker({ cacheDir });
    const controller = new AbortController();
    const aborted = worker.analyze(image, { signal: controller.signal });
    const other = worker.analyze(image);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await other).toHaveLength(4);
    await worker.dispose();
  });

  it('survives the death of its thread: running calls fail, later ones go to a new thread', async () => {
    const { analyzer, threads, lines } = await killable();
    const running = analyzer.analyze(image);
    const outcome = running.catch((error: unknown) => error);
    await threads[0]?.terminate();
    const error = await outcome;
    expect(isLatchkeyError(error, 'engine-unavailable')).toBe(true);
    const [first, second] = await Promise.all([analyzer.analyze(image), analyzer.analyze(image)]);
    expect([first?.length, second?.length]).toEqual([4, 4]);
    expect(threads).toHaveLength(2);
    expect(lines.some((line) => line.includes('stopped'))).toBe(true);
    await analyzer.dispose();
  });

  it('ends its thread and refuses work when it is disposed of, twice without harm', async () => {
    const { analyzer, threads } = await killable();
    const running = analyzer.analyze(image).catch((error: unknown) => error);
    await analyzer.dispose();
    await analyzer.dispose();
    await running;
    expect(threads[0]?.threadId).toBe(-1);
    await expect(analyzer.analyze(image)).rejects.toMatchObject({ code: 'engine-unavailable' });
  });

  it('reports why it cannot start', async () => {
    const threads: Worker[] = [];
    const spawn = (): Worker => {
      const worker = new Worker('process.exit(3)', { eval: true, execArgv: [] });
      threads.push(worker);
      return worker;
    };
    await expect(WorkerFaceAnalyzer.start(spawn, () => undefined)).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
  });
});

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LatchkeyError } from '@latchkey/domain';
import type { FaceAnalyzerOptions } from '../analyze/create-face-analyzer.ts';
import type { FaceAnalyzer } from '../analyze/face-analyzer.ts';
import { refuseTelemetry } from '../engines/refuse-telemetry.ts';
import { WorkerFaceAnalyzer } from './worker-face-analyzer.ts';

/**
 * Of what a frame leaves behind, nothing is needed for the next: room for many frames' leavings would be memory for nothing. V8's own
 * limit let the thread take 47 MB of heap, of which it used 12.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 12 } as const;

/** Compiled code, from `src` as from `dist`: worker threads load no TypeScript. */
const WORKER_URL = new URL('../../dist/worker.js', import.meta.url);

/**
 * An analyzer in a thread of its own: the caller's loop is never busy with inference. A frame is copied once. When the
 * thread dies, running analyses fail with `engine-unavailable` and the next one goes to a new thread.
 * @throws LatchkeyError `missing-file` when libs/vision was not built, and what `createFaceAnalyzer` throws.
 */
export async function startFaceAnalyzerWorker(options: FaceAnalyzerOptions): Promise<FaceAnalyzer> {
  const { onProgress = () => undefined, ...workerData } = options;
  const path = fileURLToPath(WORKER_URL);
  if (!existsSync(path)) {
    throw new LatchkeyError('missing-file', `${path} is not there; run "npm run build" first.`);
  }
  refuseTelemetry();
  // No flags of the parent: conditions or loaders meant for TypeScript sources would break the compiled worker.
  return WorkerFaceAnalyzer.start(
    () => new Worker(WORKER_URL, { workerData, execArgv: [], resourceLimits }),
    onProgress,
  );
}

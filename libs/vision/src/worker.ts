import { parentPort, workerData } from 'node:worker_threads';
import { serveFaceAnalyzer } from './worker/serve-face-analyzer.ts';
import type { WorkerOptions } from './worker/worker-messages.ts';

if (parentPort) await serveFaceAnalyzer(parentPort, workerData as WorkerOptions);

import { type FaceAnalyzer, startFaceAnalyzerWorker } from '@latchkey/vision';
import type { AgentOptions } from '../agent-options.ts';

/**
 * The analyzer that the agent's configuration names, in a thread of its own.
 * @throws LatchkeyError `engine-unavailable`, `model-missing`, `model-corrupt`.
 */
export function startAnalyzer({ config, onProgress }: AgentOptions): Promise<FaceAnalyzer> {
  return startFaceAnalyzerWorker({
    cacheDir: config.modelCacheDir,
    engine: config.engine,
    engineDir: config.engineDir,
    engineThreads: config.engineThreads,
    // Loaded in any case, because a door's rules may ask for it at any time; run only when they do.
    liveness: true,
    onProgress,
  });
}

import type { InferenceEngine } from '../engines/inference-engine.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import type { ModelEntry } from '../models/model-manifest.ts';

/** What networks are opened with. */
export interface NetworkContext {
  readonly engine: InferenceEngine;
  /** Those that come with Latchkey's packages. */
  readonly models: readonly ModelEntry[];
  readonly cache: CompiledCache;
  readonly onProgress: (line: string) => void;
}

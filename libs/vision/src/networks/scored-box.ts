import type { Box } from '@latchkey/domain';

/** A place where a detector sees a face. */
export interface ScoredBox extends Box {
  /** 0 … 1. */
  readonly score: number;
}

import { type ErrorCode, isLatchkeyError, LatchkeyError, type RgbImage } from '@latchkey/domain';
import type { FaceAnalyzerOptions } from '../analyze/create-face-analyzer.ts';
import type { AnalyzeOptions, EncoderCard, LookOptions, SeenFace } from '../analyze/face-analyzer.ts';
import type { EngineName } from '../engines/inference-engine.ts';

/** What the worker is started with. */
export type WorkerOptions = Omit<FaceAnalyzerOptions, 'onProgress'>;

/** What can be sent of the options of an analysis; without a plan every face is encoded. */
export type WorkerAnalyzeOptions = Omit<AnalyzeOptions & Partial<LookOptions>, 'signal'>;

/** To the worker. */
export type WorkerRequest =
  | {
      readonly type: 'analyze';
      readonly id: number;
      readonly image: RgbImage & { readonly data: Uint8Array<ArrayBuffer> };
      readonly options: WorkerAnalyzeOptions;
    }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'dispose' };

/** From the worker; answers bring back the memory of the picture that was asked about. */
export type WorkerReply =
  | { readonly type: 'progress'; readonly line: string }
  | { readonly type: 'ready'; readonly model: EncoderCard; readonly detector: string; readonly engine: EngineName }
  | { readonly type: 'failed'; readonly error: WorkerError }
  | {
      readonly type: 'result';
      readonly id: number;
      readonly faces: readonly SeenFace[];
      readonly picture: ArrayBuffer;
    }
  | { readonly type: 'error'; readonly id: number; readonly error: WorkerError; readonly picture: ArrayBuffer };

/** An error on its way between threads, where classes are lost. */
export interface WorkerError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Packs an error for the other thread. */
export function packError(error: unknown): WorkerError {
  if (isLatchkeyError(error)) return { code: error.code, message: error.message, details: error.details };
  return {
    code: 'internal',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    details: {},
  };
}

/** The error that {@link packError} packed. */
export function unpackError(error: WorkerError): LatchkeyError {
  return new LatchkeyError(error.code, error.message, { details: error.details });
}

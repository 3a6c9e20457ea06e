import type { ErrorCode, LatchkeyError } from '@latchkey/domain';

/** What a camera tells about itself while it gives frames. */
export type CameraReport =
  /** It gives no frames, and is tried again. Told once until it is `back`. */
  | { readonly type: 'lost'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'back' }
  | { readonly type: 'unreadable'; readonly source: string; readonly error: LatchkeyError }
  /** Frames that the reader was too slow for. */
  | { readonly type: 'skipped'; readonly frames: number }
  /** Its source is started again. */
  | { readonly type: 'restarted' }
  /** It shows nothing, or for a long time exactly the same. Told once until it is `clear`. */
  | { readonly type: 'covered' | 'frozen'; readonly message: string }
  | { readonly type: 'clear' };

/** Told what a camera has to say. */
export type ReportCamera = (report: CameraReport) => void;

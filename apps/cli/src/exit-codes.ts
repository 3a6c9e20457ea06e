import { type ErrorCode, LatchkeyError } from '@latchkey/domain';

/** Exit codes of every command (DESIGN.md §8). */
export const exitCodes = { done: 0, denied: 1, badInput: 2, serviceMissing: 3, internal: 4 } as const;

/** An exit code of the `latchkey` command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const { denied, badInput, serviceMissing, internal } = exitCodes;

/** The one place where error codes become exit codes. */
const exitCodeOfError: Readonly<Record<ErrorCode, ExitCode>> = {
  'not-an-image': badInput,
  'image-truncated': badInput,
  'image-too-large': badInput,
  'no-face': badInput,
  'several-faces': badInput,
  'low-quality': badInput,
  'near-another-person': badInput,
  'far-from-own-photos': badInput,
  'model-mismatch': badInput,
  'model-missing': serviceMissing,
  'model-corrupt': serviceMissing,
  'shape-mismatch': internal,
  'not-a-number': internal,
  'engine-unavailable': serviceMissing,
  'invalid-input': badInput,
  'invalid-payload': badInput,
  'config-invalid': badInput,
  unauthorized: badInput,
  forbidden: badInput,
  'wrong-credentials': badInput,
  'too-many-requests': serviceMissing,
  'not-found': denied,
  conflict: badInput,
  'signature-invalid': internal,
  replayed: internal,
  'body-hash-mismatch': internal,
  'gallery-diverged': internal,
  'database-unavailable': serviceMissing,
  'broker-unavailable': serviceMissing,
  'device-offline': serviceMissing,
  'server-unavailable': serviceMissing,
  'camera-unavailable': serviceMissing,
  'camera-unauthorized': serviceMissing,
  'camera-program-missing': serviceMissing,
  'door-unavailable': serviceMissing,
  'door-program-missing': serviceMissing,
  'storage-full': serviceMissing,
  'storage-corrupt': serviceMissing,
  'storage-failed': serviceMissing,
  'missing-file': serviceMissing,
  internal,
};

/** The exit code for anything that a command threw. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof LatchkeyError ? exitCodeOfError[error.code] : internal;
}

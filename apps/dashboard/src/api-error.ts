/** An answer that is not what was asked for. `code` is stable (see `errorCodes` of the domain), `detail` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Central's code, or `unreachable` and `unexpected-answer` for what only a client can meet. */
  readonly code: string;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly detail: string;
  /** Facts for machines, as central gave them. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, detail: string, details: Readonly<Record<string, unknown>> = {}) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.details = details;
  }
}

/** Whether the session has ended. A wrong password (`wrong-credentials`) is not that. */
export function isSessionEnded(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'unauthorized';
}

/** Whether what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'not-found';
}

/** The code and the sentence to show for anything that was thrown. */
export function describeError(error: unknown): { code: string; detail: string } {
  if (error instanceof ApiError) return { code: error.code, detail: error.detail };
  return { code: 'page-fault', detail: error instanceof Error ? error.message : String(error) };
}

import type { ProblemDetails } from '@latchkey/contracts';
import { type ErrorCode, errorCodes, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { HttpException } from '@nestjs/common';
import { asLatchkeyError } from '../database/database-error.ts';
import { isError } from '../runtime/is-error.ts';
import { problemStatus } from './problem-status.ts';

/** A problem and how it travels. */
export interface Problem {
  /** RFC 9457 body; may carry extension members (`results` of an enrolment). */
  readonly body: ProblemDetails & Readonly<Record<string, unknown>>;
  /** Seconds for `Retry-After`, when trying again makes sense. */
  readonly retryAfterS: number | null;
  /** Whether it is a fault of ours that belongs into the log with its stack. */
  readonly unexpected: boolean;
}

/** Code of what Nest, Express, body-parser and multer report by a 4xx status alone. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'too-many-requests',
  503: 'database-unavailable',
};

/** Any error as problem details. Details of unexpected errors stay in the log. */
export function problemOf(thrown: unknown): Problem {
  const error = withStorageCode(asLatchkeyError(thrown));
  if (isLatchkeyError(error)) {
    const { results, retryAfterS, ...details } = error.details;
    const status = statusOf(error.code, error.details);
    return {
      body: {
        ...base(error.code, status, error.message),
        ...(Object.keys(details).length > 0 ? { details } : {}),
        ...(results === undefined ? {} : { results }),
      },
      retryAfterS: typeof retryAfterS === 'number' ? retryAfterS : status === 503 ? 2 : null,
      unexpected: status === 500,
    };
  }
  const status = clientErrorStatus(error);
  if (status !== null) {
    const code = isFileTooLarge(error) ? 'image-too-large' : (codeOfStatus[status] ?? 'invalid-input');
    return { body: base(code, status, clientErrorMessage(error)), retryAfterS: null, unexpected: false };
  }
  return {
    body: base('internal', 500, 'A fault in Latchkey; the log has the details.'),
    retryAfterS: null,
    unexpected: true,
  };
}

/** Uploads wait on a disk, which may be full. */
function withStorageCode(error: unknown): unknown {
  if (!isError(error) || !('code' in error) || error.code !== 'ENOSPC') return error;
  return new LatchkeyError('storage-full', 'The disk of central is full; make room and try again.', { cause: error });
}

/** An enrolment of which nothing was accepted is unprocessable as a whole, whatever the single pictures' codes. */
function statusOf(code: ErrorCode, details: Readonly<Record<string, unknown>>): number {
  return details.results === undefined ? problemStatus[code] : 422;
}

function base(code: ErrorCode, status: number, detail: string): ProblemDetails {
  return { type: `urn:latchkey:problem:${code}`, title: errorCodes[code], status, code, detail };
}

/** Status of an error that says itself that the client is at fault; null for all others. */
function clientErrorStatus(error: unknown): number | null {
  const status = error instanceof HttpException ? error.getStatus() : statusProperty(error);
  return status !== null && ((status >= 400 && status < 500) || status === 503) ? status : null;
}

/** Multer's word for an upload above the limit, kept by Nest as the cause. */
function isFileTooLarge(error: unknown): boolean {
  const cause = isError(error) ? error.cause : null;
  return isError(cause) && 'code' in cause && cause.code === 'LIMIT_FILE_SIZE';
}

function statusProperty(error: unknown): number | null {
  if (isError(error) && error.name === 'URIError') return 400;
  return isError(error) && 'status' in error && typeof error.status === 'number' ? error.status : null;
}

function clientErrorMessage(error: unknown): string {
  if (error instanceof HttpException) {
    const response = error.getResponse();
    if (typeof response === 'object' && 'message' in response) {
      const { message } = response;
      if (Array.isArray(message)) return message.join('; ');
      if (typeof message === 'string') return message;
    }
  }
  return isError(error) ? error.message : 'The request is not valid.';
}

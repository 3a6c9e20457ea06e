import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraConfig, CameraSource } from '@latchkey/config';
import { type Camera, type Frame, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { decodeImage, MAX_BYTES } from '@latchkey/vision';
import { authorizationFor } from '../http/http-login.ts';
import { flipImage } from './flip-image.ts';
import { JpegParts } from './jpeg-parts.ts';
import { NewestFrame } from './newest-frame.ts';
import type { FrameContext } from './program-frames.ts';

type HttpSource = Extract<CameraSource, { type: 'http' }>;

/** How long a camera may take to answer. */
const answerMs = 5_000;
/** A picture that was decoded before somebody took it gives way to a newer one when it is older than this: one at 15 a second is not. */
const freshMs = 80;

/** A picture as it came, not decoded yet. */
interface Encoded extends Pick<Frame, 'capturedAt' | 'capturedMonotonicMs'> {
  readonly bytes: Uint8Array;
}

/**
 * Pictures over HTTP: an address that answers with one picture is asked again and again, one that answers with a stream of
 * JPEGs (MJPEG) is read to its end. Of a stream one picture is decoded ahead while a quick reader looks at the one before;
 * otherwise only pictures that somebody takes are decoded.
 */
export class HttpCamera implements Camera {
  private readonly config: CameraConfig;
  private readonly source: HttpSource;
  private readonly context: FrameContext;

  constructor(config: CameraConfig, source: HttpSource, context: FrameContext) {
    this.config = config;
    this.source = source;
    this.context = context;
  }

  /** @throws LatchkeyError `camera-unavailable`, `camera-unauthorized`. */
  async *frames(signal: AbortSignal): AsyncGenerator<Frame> {
    const run = new AbortController();
    const stop = () => run.abort();
    signal.addEventListener('abort', stop);
    try {
      if (!signal.aborted) yield* this.run(run);
    } finally {
      signal.removeEventListener('abort', stop);
      run.abort();
    }
  }

  private async *run(run: AbortController): AsyncGenerator<Frame> {
    const { clock } = this.context;
    const { signal } = run;
    const intervalMs = 1000 / this.config.fps;
    while (!signal.aborted) {
      const askedMs = clock.monotonicMs();
      const response = await this.ask(run);
      if (response.body && /^multipart\//i.test(response.headers.get('content-type') ?? '')) {
        yield* this.stream(response.body, signal);
        return;
      }
      yield await this.decode({ bytes: await bytesOf(response), ...this.stamp() });
      const restMs = intervalMs - (clock.monotonicMs() - askedMs);
      if (restMs > 0) await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async *stream(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Frame> {
    const { report, clock } = this.context;
    const newest = new NewestFrame<Encoded>(() => report({ type: 'skipped', frames: 1 }));
    const intervalMs = 950 / this.config.fps;
    let dueMs = 0;
    const parts = new JpegParts((bytes) => {
      const stamp = this.stamp();
      if (stamp.capturedMonotonicMs < dueMs) return;
      dueMs = stamp.capturedMonotonicMs + intervalMs;
      newest.put({ bytes, ...stamp });
    });
    const reader = body.getReader();
    const reading = readAll(reader, (chunk) => parts.push(chunk)).then(
      () => newest.finish(null),
      (error: unknown) => newest.finish(isLatchkeyError(error) ? error : unreachable(error)),
    );
    const next = async () => {
      const encoded = await newest.next(signal);
      return encoded && this.decode(encoded);
    };
    let ahead: Promise<Frame | null> | null = null;
    // Whether the reader comes back soon; else what was decoded for it would be old by then.
    let isQuick = true;
    try {
      for (;;) {
        let frame = await (ahead ?? next());
        if (frame && newest.hasOne && clock.monotonicMs() - frame.capturedMonotonicMs > freshMs) {
          report({ type: 'skipped', frames: 1 });
          frame = await next();
        }
        if (!frame) return;
        ahead = isQuick ? next() : null;
        // What it fails with is told to whoever takes the next picture.
        ahead?.catch(() => undefined);
        const givenMs = clock.monotonicMs();
        yield frame;
        isQuick = clock.monotonicMs() - givenMs < freshMs;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
      await reading;
    }
  }

  /** Asks once, and a second time with user and password when the camera wants them. */
  private async ask(run: AbortController): Promise<Response> {
    const { url, credentials } = this.source;
    const first = await fetchOnce(url, null, run);
    if (first.status !== 401 || !credentials) return accepted(first);
    await first.body?.cancel();
    const { pathname, search } = new URL(url);
    const challenge = first.headers.get('www-authenticate') ?? '';
    const authorization = authorizationFor(challenge, credentials, 'GET', pathname + search);
    return accepted(authorization === null ? first : await fetchOnce(url, authorization, run));
  }

  private async decode({ bytes, ...stamp }: Encoded): Promise<Frame> {
    const { width, height, flip } = this.config;
    const { cameraId, source } = this.context;
    try {
      const image = await decodeImage(bytes, { maxSidePx: Math.max(width, height) });
      return { image: flipImage(image, flip), ...stamp, cameraId, source };
    } catch (cause) {
      if (!isLatchkeyError(cause)) throw cause;
      throw new LatchkeyError('camera-unavailable', `The camera gave a damaged picture. ${cause.message}`, { cause });
    }
  }

  private stamp(): Pick<Frame, 'capturedAt' | 'capturedMonotonicMs'> {
    const { clock } = this.context;
    return { capturedAt: clock.now(), capturedMonotonicMs: clock.monotonicMs() };
  }
}

/** @param run is aborted when the answer's head does not come in time; a stream has no end. */
async function fetchOnce(url: string, authorization: string | null, run: AbortController): Promise<Response> {
  const late = new LatchkeyError('camera-unavailable', `The camera does not answer within ${answerMs / 1000} s.`);
  const timer = setTimeout(() => run.abort(late), answerMs);
  const headers = { accept: 'image/jpeg, multipart/x-mixed-replace, image/*', ...(authorization && { authorization }) };
  try {
    return await fetch(url, { headers, signal: run.signal });
  } catch (cause) {
    throw isLatchkeyError(cause) ? cause : unreachable(cause);
  } finally {
    clearTimeout(timer);
  }
}

function accepted(response: Response): Response {
  if (response.ok) return response;
  void response.body?.cancel().catch(() => undefined);
  if (response.status === 401 || response.status === 403) {
    throw new LatchkeyError('camera-unauthorized', 'The camera refuses the user or the password; check its address.');
  }
  throw new LatchkeyError('camera-unavailable', `The camera answers with HTTP status ${response.status}.`);
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (!response.body) return new Uint8Array();
  const reader = response.body.getReader();
  try {
    await readAll(reader, (chunk) => {
      length += chunk.length;
      if (length > MAX_BYTES)
        throw new LatchkeyError('camera-unavailable', 'The picture of the camera has over 25 MB.');
      chunks.push(chunk);
    });
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw isLatchkeyError(error) ? error : unreachable(error);
  }
  return Buffer.concat(chunks);
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onChunk(value);
  }
}

/** The reason that fetch hides in its cause; it names host and port and never the credentials, which are not in the address. */
function unreachable(error: unknown): LatchkeyError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return new LatchkeyError(
    'camera-unavailable',
    `The camera cannot be reached, or its stream broke off. ${cause}`.trim(),
    {
      cause: error,
    },
  );
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';

/** A file behind an address. */
export interface ModelDownload {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Options of {@link downloadModel}. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Told how many bytes are there. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** A server that sends nothing for this long is given up. Default 30 s. */
  readonly stallMs?: number;
  /** How often a cut connection is taken up again before it is an error. Default 3. */
  readonly retries?: number;
}

/** First pause before a connection is taken up again; each further one is twice as long. */
const FIRST_PAUSE_MS = 200;

/**
 * Fetches a model file. What has arrived stays beside the target as `.part`, so that the next try, or the next call, goes
 * on from there; the target appears in one step, complete and with the right SHA-256, or not at all.
 * @param target path of the file; nothing is fetched when it is there and right.
 * @throws LatchkeyError `model-missing` when the server does not give the file, `model-corrupt` when it gives another one,
 * the signal's reason when aborted.
 */
export async function downloadModel(
  download: ModelDownload,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  if ((await sizeOf(target)) === download.bytes && (await sha256Of(target)) === download.sha256) return;
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  const { retries = 3 } = options;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      await fetchRest(download, part, options);
      break;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isLatchkeyError(error)) throw error;
      if (attempt >= retries) throw unreachable(download, error);
      await sleep(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: options.signal });
    }
  }
  const sha256 = await sha256Of(part);
  if (sha256 !== download.sha256) {
    await rm(part, { force: true });
    throw new LatchkeyError(
      'model-corrupt',
      `${download.url} gave a file with SHA-256 ${sha256}, weights/manifest.json says ${download.sha256}. Nothing was kept.`,
      { details: { sha256 } },
    );
  }
  await rename(part, target);
}

function unreachable(download: ModelDownload, cause: unknown): LatchkeyError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LatchkeyError(
    'model-missing',
    `${download.url} was not received (${message}); what arrived is kept, run the command again to go on.`,
    { cause },
  );
}

/** Asks for what the part file lacks and appends it. Returns when the part has all bytes; throws when it was cut off. */
async function fetchRest(download: ModelDownload, part: string, options: DownloadOptions): Promise<void> {
  const { signal, onProgress = () => undefined, stallMs = 30_000 } = options;
  let there = await sizeOf(part);
  if (there === download.bytes) return;
  if (there > download.bytes) there = 0;
  const stalled = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  const giveUp = (): void => stalled.abort(new Error(`the server sent nothing for ${stallMs} ms`));
  let timer = setTimeout(giveUp, stallMs);
  try {
    const headers: Record<string, string> = there > 0 ? { range: `bytes=${there}-` } : {};
    const response = await fetch(download.url, { headers, signal: stop });
    const resumes = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${there}-`);
    if (!response.ok || !response.body || (response.status === 206 && !resumes)) {
      await response.body?.cancel();
      if (there > 0 && (response.status === 416 || response.status === 206))
        return await restart(download, part, options);
      throw refused(download, response.status);
    }
    if (!resumes) there = 0;
    const file = await open(part, resumes ? 'a' : 'w', 0o644);
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, stallMs);
        there += chunk.byteLength;
        if (there > download.bytes) throw tooLong(download);
        await file.writeFile(chunk);
        onProgress(there, download.bytes);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isLatchkeyError(error, 'model-corrupt')) await rm(part, { force: true });
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  if (there < download.bytes) throw new Error(`the connection ended after ${there} of ${download.bytes} bytes`);
}

/** For a server that does not go on where the part ends. */
async function restart(download: ModelDownload, part: string, options: DownloadOptions): Promise<void> {
  await rm(part, { force: true });
  await fetchRest(download, part, options);
}

function refused(download: ModelDownload, status: number): Error {
  // What a server may get over is tried again; a wrong address is not.
  if (status >= 500 || status === 429) return new Error(`HTTP ${status}`);
  return new LatchkeyError(
    'model-missing',
    `${download.url} answered HTTP ${status}; get the file elsewhere and give it with --file.`,
    { details: { status } },
  );
}

function tooLong({ url, bytes }: ModelDownload): LatchkeyError {
  return new LatchkeyError(
    'model-corrupt',
    `${url} gave more than the ${bytes} bytes that weights/manifest.json says. Nothing was kept.`,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

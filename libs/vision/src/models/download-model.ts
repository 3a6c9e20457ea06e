import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { onDisk } from './disk-error.ts';
import { type FileContent, matching } from './file-content.ts';
import { openDownload } from './open-download.ts';
import { PartialFile } from './partial-file.ts';
import { openWeb, type WebAccess, type WebProxy } from './web-access.ts';

/** A file behind an address. */
export interface ModelDownload extends FileContent {
  /** `https:`, or `http:` on this machine alone. */
  readonly url: string;
}

/** Options of {@link downloadModel}. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Told how many bytes are there. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** A server that sends nothing for this long is given up; how long the whole takes does not matter. Default 30 s, at most 300 s. */
  readonly stallMs?: number;
  /** How often a connection that brought nothing new is taken up again before that is an error. Default 3. */
  readonly retries?: number;
  /** The way to `https:` addresses, where there is no other. */
  readonly proxy?: WebProxy | undefined;
}

/** Options of one connection. */
type ConnectionOptions = DownloadOptions & { readonly web: WebAccess };

/** First pause before a connection is taken up again; each further one is twice as long. */
const FIRST_PAUSE_MS = 200;

/**
 * Fetches a model file. What has arrived stays beside the target as `.partial`, so that the next try, or the next call, goes
 * on from there; the target appears in one step, complete and with the right SHA-256, or not at all. Several processes
 * may fetch the same file.
 * @param target path of the file; nothing is fetched when it is there and right.
 * @throws LatchkeyError `model-missing` when the server does not give the file, `model-corrupt` when it gives another one,
 * `invalid-input` for an address that is not safe, `storage-full`, `storage-failed`; the signal's reason when aborted.
 */
export async function downloadModel(
  download: ModelDownload,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  if (await contentOfFile(target, [download])) return;
  await onDisk(target, () => mkdir(dirname(target), { recursive: true }));
  const web = await openWeb(options.proxy);
  const partial = await PartialFile.claim(target);
  try {
    await fetchAll(download, partial, { ...options, web });
    await partial.finish();
  } catch (error) {
    if (isLatchkeyError(error, 'model-corrupt')) await partial.discard();
    else await partial.release();
    throw error;
  } finally {
    await web.close();
  }
}

/** Which of these contents a file has; undefined when it is not there or has another. It is hashed only if its length fits. */
export async function contentOfFile<Expected extends FileContent>(
  path: string,
  expected: readonly Expected[],
): Promise<Expected | undefined> {
  const bytes = await stat(path).then(
    (found) => (found.isFile() ? found.size : -1),
    () => -1,
  );
  if (!expected.some((content) => content.bytes === bytes)) return undefined;
  return matching(expected, { bytes, sha256: await sha256OfFile(path) });
}

/** SHA-256 of a file, lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Brings the partial file to its end and checks it. */
async function fetchAll(download: ModelDownload, partial: PartialFile, options: ConnectionOptions): Promise<void> {
  const kept = partial.size > 0;
  await fetchBytes(download, partial, options);
  let sha256 = await sha256OfFile(partial.path);
  if (sha256 !== download.sha256 && kept) {
    // The beginning may have been of an older file at this address.
    await partial.restart(null);
    await fetchBytes(download, partial, options);
    sha256 = await sha256OfFile(partial.path);
  }
  if (sha256 !== download.sha256) {
    throw new LatchkeyError(
      'model-corrupt',
      `${download.url} gave a file with SHA-256 ${sha256}, weights/manifest.json says ${download.sha256}. Nothing was kept.`,
      { details: { sha256 } },
    );
  }
}

/** Fetches until all bytes are there, over as many connections as that takes. */
async function fetchBytes(download: ModelDownload, partial: PartialFile, options: ConnectionOptions): Promise<void> {
  const { retries = 3, signal } = options;
  let [most, failures] = [partial.size, 0];
  while (partial.size !== download.bytes) {
    signal?.throwIfAborted();
    try {
      await fetchRest(download, partial, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (isLatchkeyError(error)) throw error;
      failures = partial.size > most ? 1 : failures + 1;
      most = Math.max(most, partial.size);
      if (failures > retries) throw unreachable(download, error);
      await sleep(FIRST_PAUSE_MS * 2 ** (failures - 1), undefined, { signal });
    }
  }
}

/** One connection: asks for what the file lacks and appends it. Throws when it was cut off. */
async function fetchRest(download: ModelDownload, partial: PartialFile, options: ConnectionOptions): Promise<void> {
  const { signal, onProgress = () => undefined, stallMs = 30_000 } = options;
  const stalled = new AbortController();
  const giveUp = (): void => stalled.abort(new Error(`the server sent nothing for ${stallMs} ms`));
  let timer = setTimeout(giveUp, stallMs);
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, stallMs);
  };
  try {
    const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
    const { body, from, tag } = await openDownload(download, partial, options.web, stop);
    if (from === 0) await partial.restart(tag);
    const chunks = limited(body, download, download.bytes - from, touch);
    await partial.append(chunks, (size) => onProgress(size, download.bytes));
  } catch (error) {
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  if (partial.size < download.bytes) {
    throw new Error(`the connection ended after ${partial.size} of ${download.bytes} bytes`);
  }
}

/** The body, refused where it goes on longer than it may. */
async function* limited(
  body: AsyncIterable<Uint8Array>,
  { url, bytes }: ModelDownload,
  allowed: number,
  touch: () => void,
): AsyncIterable<Uint8Array> {
  let left = allowed;
  for await (const chunk of body) {
    touch();
    left -= chunk.byteLength;
    if (left < 0) {
      throw new LatchkeyError(
        'model-corrupt',
        `${url} gave more than the ${bytes} bytes that weights/manifest.json says. Nothing was kept.`,
      );
    }
    yield chunk;
  }
}

function unreachable({ url }: ModelDownload, cause: unknown): LatchkeyError {
  // `fetch` says "terminated" or "fetch failed", and why in the cause of the cause.
  let innermost = cause as Error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  const { message } = innermost;
  return new LatchkeyError(
    'model-missing',
    `${url} was not received (${message}); what arrived is kept, run the command again to go on.`,
    { cause },
  );
}

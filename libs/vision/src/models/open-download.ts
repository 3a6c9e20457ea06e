import { LatchkeyError } from '@latchkey/domain';
import type { WebAccess, WebResponse } from './web-access.ts';

/** What of a file is there already. */
interface Part {
  readonly size: number;
  readonly tag: string | null;
}

/** The answer of a server that gives the file. */
interface OpenDownload {
  readonly body: AsyncIterable<Uint8Array>;
  /** At which byte of the file it begins: the end of the part, or 0. */
  readonly from: number;
  /** The server's strong entity tag of what it gives. */
  readonly tag: string | null;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What a server may get over by itself: too many requests, and faults of its own. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/**
 * Refuses addresses at which somebody in between could see or change what is sent.
 * @returns the parsed address.
 * @throws LatchkeyError `invalid-input` for anything but `https:`, and `http:` on this machine.
 */
export function safeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url;
  throw new LatchkeyError(
    'invalid-input',
    `${text} is no address that models are fetched from; it must begin with https:// (http:// is for this machine alone).`,
  );
}

/**
 * Asks for the rest of a file, over redirects. A part of a version that the server no longer has is not gone on with.
 * @throws LatchkeyError `model-missing`, `model-corrupt` when its length cannot be right, `invalid-input` for an address
 * that is not safe; an ordinary error for what may pass.
 */
export async function openDownload(
  download: { readonly url: string; readonly bytes: number },
  part: Part,
  web: WebAccess,
  signal: AbortSignal,
): Promise<OpenDownload> {
  const resuming = part.size > 0 && part.size < download.bytes;
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (resuming) headers.range = `bytes=${part.size}-`;
  if (resuming && part.tag !== null) headers['if-range'] = part.tag;
  const response = await followed(download.url, headers, web, signal);
  const { status, body } = response;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  const resumes = resuming && status === 206 && Number(range?.[1]) === part.size;
  if (resuming && !resumes && (status === 206 || status === 416)) {
    // It does not go on where the part ends.
    await body?.cancel();
    return openDownload(download, { size: 0, tag: null }, web, signal);
  }
  if (!body || (status !== 200 && !resumes)) {
    await body?.cancel();
    throw refused(download.url, status);
  }
  const total = resumes ? range?.[2] : response.headers.get('content-length');
  if (total && total !== '*' && Number(total) !== download.bytes) {
    await body.cancel();
    throw new LatchkeyError(
      'model-corrupt',
      `${download.url} offers ${total} bytes, weights/manifest.json says ${download.bytes}. Nothing was kept.`,
    );
  }
  const tag = response.headers.get('etag');
  return { body, from: resumes ? part.size : 0, tag: tag?.startsWith('"') ? tag : null };
}

async function followed(
  address: string,
  headers: Record<string, string>,
  web: WebAccess,
  signal: AbortSignal,
): Promise<WebResponse> {
  let url = safeUrl(address);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await web.ask(url, { headers, signal });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    url = safeUrl(new URL(location, url).href);
  }
  throw new LatchkeyError(
    'model-missing',
    `${address} redirects more than ${MAX_REDIRECTS} times; get the file elsewhere and give it with --file.`,
  );
}

function refused(url: string, status: number): Error {
  if (isPassing(status)) return new Error(`HTTP ${status}`);
  return new LatchkeyError(
    'model-missing',
    `${url} answered HTTP ${status}; get the file elsewhere and give it with --file.`,
    { details: { status } },
  );
}

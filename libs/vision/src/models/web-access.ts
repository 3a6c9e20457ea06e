/** A proxy for `https:` addresses. */
export interface WebProxy {
  readonly url: string;
  /** Hosts that are asked without it, separated by commas. */
  readonly except: string;
}

/** What is used of an answer. */
export interface WebResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

/** How something is asked for; redirects are given back. */
export interface WebRequest {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

/** Access to addresses outside, for one download. */
export interface WebAccess {
  ask(url: URL, request: WebRequest): Promise<WebResponse>;
  /** Ends what is still open. */
  close(): Promise<void>;
}

/** Access by Node's own `fetch`, or through a proxy, which that does not know. Other than `https:` goes straight. */
export async function openWeb(proxy: WebProxy | undefined): Promise<WebAccess> {
  const straight: WebAccess['ask'] = (url, request) => fetch(url, { ...request, redirect: 'manual' });
  if (!proxy) return { ask: straight, close: async () => undefined };
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent({ httpsProxy: proxy.url, noProxy: proxy.except });
  return {
    ask: (url, request) =>
      url.protocol === 'https:'
        ? undici.fetch(url, { ...request, redirect: 'manual', dispatcher })
        : straight(url, request),
    close: () => dispatcher.destroy(),
  };
}

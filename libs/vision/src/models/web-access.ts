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
  const dispatcher = new undici.ProxyAgent(proxy.url);
  return {
    ask: (url, request) =>
      url.protocol !== 'https:' || isExcepted(url, proxy.except)
        ? straight(url, request)
        : undici.fetch(url, { ...request, redirect: 'manual', dispatcher }),
    close: () => dispatcher.destroy(),
  };
}

/** Whether `NO_PROXY` names this host, its domain, or every host (`*`); an entry may name a port. */
export function isExcepted({ hostname, port }: URL, except: string): boolean {
  return except
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const isHere = name === '' ? entry.startsWith('*') : hostname === name || hostname.endsWith(`.${name}`);
      return isHere && (onlyPort === undefined || onlyPort === (port || '443'));
    });
}

import { eventually } from '@latchkey/testing';

/** One block of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML §9.2.6) and keeps them all. */
export class SseReader {
  readonly response: Response;
  readonly events: ServerSentEvent[] = [];
  /** As a browser would send it when it connects again. */
  lastEventId: string | null = null;
  readonly ended: Promise<void>;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read().catch(() => undefined);
  }

  /** Connects; resolves when the stream has begun. */
  static async connect(url: string, headers: Readonly<Record<string, string>>): Promise<SseReader> {
    const abort = new AbortController();
    const reader = new SseReader(await fetch(url, { headers, signal: abort.signal }), abort);
    if (reader.response.ok) await eventually('the beginning of the stream', () => reader.lastEventId);
    return reader;
  }

  /** The JSON of every event so far. */
  messages<T>(): T[] {
    return this.events.filter(({ type }) => type === 'message').map(({ data }) => JSON.parse(data) as T);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = block
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => /^(\w+): ?(.*)$/.exec(line) ?? []);
    const field = (name: string): string | undefined => fields.find(([, key]) => key === name)?.[2];
    this.lastEventId = field('id') ?? this.lastEventId;
    const data = field('data');
    if (data !== undefined) this.events.push({ type: field('event') ?? 'message', id: field('id') ?? null, data });
  }
}

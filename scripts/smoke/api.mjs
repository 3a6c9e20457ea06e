/** What `run.json` of a running `npm start` says. @typedef {{ httpUrl: string, mqttUrl: string, databaseUrl: string, admin: { email: string, password: string }, processes: { name: string, pid: number }[] }} RunInfo */

/** A signed-in client of central's REST interface and live stream, as a user's script would be. */
export class Api {
  /**
   * @param {string} httpUrl
   * @param {string} [token]
   */
  constructor(httpUrl, token) {
    this.httpUrl = httpUrl;
    this.token = token;
  }

  /**
   * @param {string} method
   * @param {string} path below `/api/`
   * @param {unknown} [body] JSON, or a form
   */
  async call(method, path, body) {
    const form = body instanceof FormData;
    const response = await fetch(`${this.httpUrl}/api/${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body && !form ? { 'content-type': 'application/json' } : {}),
      },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }

  /**
   * The first event of the live stream that `wanted` accepts, from now on.
   * @param {(event: any) => boolean} wanted
   * @param {number} timeoutMs
   */
  async nextEvent(wanted, timeoutMs) {
    const response = await fetch(`${this.httpUrl}/api/events/stream`, {
      headers: { authorization: `Bearer ${this.token}`, accept: 'text/event-stream' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok || !response.body) throw new Error(`the live stream answered ${response.status}`);
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = `${rest}${chunk}`.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (\{.+)$/m.exec(block)?.[1];
        const event = data && !block.startsWith('event: gap') ? JSON.parse(data) : null;
        if (event && wanted(event)) return event;
      }
    }
    throw new Error('the live stream ended');
  }
}

/** An answer of central. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON, null when the body is none. Of any form: tests look into right answers and wrong ones. */
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  readonly body: any;
  readonly headers: Headers;
}

/** A client of central's API, over real HTTP. */
export class ApiClient {
  readonly #baseUrl: string;
  readonly token: string | null;

  constructor(baseUrl: string, token: string | null) {
    this.#baseUrl = baseUrl;
    this.token = token;
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, json?: unknown): Promise<Answer> {
    return this.send('POST', path, jsonBody(json));
  }

  patch(path: string, json: unknown): Promise<Answer> {
    return this.send('PATCH', path, jsonBody(json));
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Sends files (and fields) as a browser's form does. */
  upload(
    path: string,
    field: string,
    files: readonly TestFile[],
    fields: Record<string, string> = {},
  ): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    for (const { name, bytes } of files) form.append(field, new Blob([bytes]), name);
    return this.send('POST', path, { body: form });
  }

  /** Sends anything. `path` is below `/api/`. */
  async send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (this.token !== null) headers.set('authorization', `Bearer ${this.token}`);
    const response = await fetch(`${this.#baseUrl}/api/${path}`, { ...init, method, headers });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  }

  /** The bytes of a picture. */
  async bytes(path: string): Promise<{ status: number; bytes: Uint8Array; headers: Headers }> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.#baseUrl}/api/${path}`, { headers });
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()), headers: response.headers };
  }
}

/** A file to upload. */
export interface TestFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function jsonBody(json: unknown): RequestInit {
  return json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

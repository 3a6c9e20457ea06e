import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loginResponse, problemDetails } from '@latchkey/contracts';
import { type ErrorCode, errorCodes, LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

/** Answers of a busy central to several photos take a while; none takes this long. */
const requestTimeoutMs = 120_000;

const runFile = z.object({
  httpUrl: z.url(),
  admin: z.object({ email: z.string(), password: z.string().nullable() }),
});

/** A signed-in connection to a central's REST interface. */
export class ServerSession {
  readonly #server: string;
  readonly #token: string;

  constructor(server: string, token: string) {
    this.#server = server.replace(/\/+$/, '');
    this.#token = token;
  }

  /**
   * Asks central and parses its answer.
   * @param path below `/api/`.
   * @throws LatchkeyError with the code of central's problem details, `server-unavailable` when it does not answer.
   */
  async request<S extends z.ZodType>(
    method: string,
    path: string,
    answer: S,
    body?: FormData | object,
  ): Promise<z.infer<S>> {
    const isForm = body instanceof FormData;
    const response = await call(`${this.#server}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    return parse(response, answer, this.#server);
  }
}

/**
 * A session at the central that `latchkey up` runs on a data folder, signed in with the password of its `run.json`.
 * @throws LatchkeyError `missing-file` when nothing runs there or the password was changed.
 */
export async function localSession(dataDir: string): Promise<ServerSession> {
  const path = join(dataDir, 'run.json');
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new LatchkeyError(
      'missing-file',
      'Who shall be recognised? Pass --gallery DIR or --server URL, or start "latchkey up" first.',
      { cause },
    );
  });
  const { httpUrl, admin } = runFile.parse(JSON.parse(text));
  if (admin.password === null) {
    throw new LatchkeyError(
      'missing-file',
      `The admin of ${httpUrl} has chosen a password; pass --server ${httpUrl} and --token.`,
    );
  }
  const response = await call(`${httpUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: admin.email, password: admin.password }),
  });
  const { token } = await parse(response, loginResponse, httpUrl);
  return new ServerSession(httpUrl, token);
}

async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
  } catch (cause) {
    const { origin } = new URL(url);
    throw new LatchkeyError('server-unavailable', `Central at ${origin} does not answer; is it running?`, { cause });
  }
}

async function parse<S extends z.ZodType>(response: Response, answer: S, server: string): Promise<z.infer<S>> {
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LatchkeyError(
      'server-unavailable',
      `${server} does not speak as a Latchkey central (status ${response.status}).`,
      { cause },
    );
  }
  // Also of a refusal: when no photo of several is accepted, the problem comes with a result for each of them.
  const parsed = answer.safeParse(value);
  if (parsed.success) return parsed.data;
  const problem = problemDetails.safeParse(value);
  if (problem.success) throw new LatchkeyError(known(problem.data.code), problem.data.detail);
  throw new LatchkeyError(
    'server-unavailable',
    `${server} does not speak as a Latchkey central of this version (status ${response.status}).`,
    { cause: parsed.error },
  );
}

function known(code: string): ErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal';
}

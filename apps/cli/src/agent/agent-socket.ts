import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readAgentDir } from '@latchkey/config';
import {
  type AgentClaim,
  type AgentLine,
  type AgentStatus,
  agentLine,
  agentSocketPath,
  agentStatus,
} from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import type { z } from 'zod';

/** The agent that `latchkey up` runs. */
const demoAgentDir = '.latchkey/agent-demo';

/**
 * The folder of the agent that is asked: the given one, else LATCHKEY_AGENT_DIR, else that of `latchkey up` when one runs there.
 */
export function agentDirOf(given: string | undefined): string {
  const dir = given ?? readAgentDir();
  const isThere = (folder: string) => existsSync(join(folder, agentSocketPath));
  return given === undefined && !isThere(dir) && isThere(demoAgentDir) ? demoAgentDir : dir;
}

/**
 * How an agent on this machine is.
 * @throws LatchkeyError `server-unavailable` when none runs there, `forbidden` when it is another user's,
 * `storage-failed` while it cannot read its disk.
 */
export async function askAgentStatus(agentDir: string): Promise<AgentStatus> {
  const response = await open(agentDir, '/status');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return parsed(agentStatus, text);
}

/**
 * What happens at an agent on this machine, from now on until it ends or the signal says so.
 * @throws LatchkeyError as {@link askAgentStatus}.
 */
export async function* watchAgent(agentDir: string, signal: AbortSignal): AsyncGenerator<AgentLine> {
  const response = await open(agentDir, '/watch', signal);
  // An agent that is killed leaves half an answer: its end all the same.
  response.on('error', () => undefined);
  for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
    yield parsed(agentLine, line);
  }
}

/**
 * Tells an agent on this machine who stands before its door.
 * @throws LatchkeyError `not-found` when the device does not know the person, `invalid-input` for what is no claim, else as
 * {@link askAgentStatus}.
 */
export async function claimAtAgent(agentDir: string, claim: AgentClaim): Promise<void> {
  const response = await send(agentDir, '/claim', { method: 'POST', body: JSON.stringify(claim) });
  response.resume();
  if (response.statusCode === 404) {
    throw new LatchkeyError(
      'not-found',
      `The device knows no person "${claim.personId}"; is the card of somebody else?`,
    );
  }
  if (response.statusCode === 400) {
    throw new LatchkeyError('invalid-input', 'A claim is the id of a person (a UUID) and 1 to 60 seconds.');
  }
  if (response.statusCode !== 204) throw otherVersion();
}

async function open(agentDir: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const response = await send(agentDir, path, { signal });
  if (response.statusCode === 503) {
    response.resume();
    throw new LatchkeyError('storage-failed', 'The agent cannot read its disk now; its log says why.');
  }
  if (response.statusCode !== 200) throw otherVersion();
  return response;
}

interface Sending {
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  readonly signal?: AbortSignal;
}

async function send(agentDir: string, path: string, { method, body, signal }: Sending): Promise<IncomingMessage> {
  const asked = request({ socketPath: join(agentDir, agentSocketPath), path, method, signal }).end(body);
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    asked.on('error', () => undefined);
    return response;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new LatchkeyError('forbidden', `The agent of "${agentDir}" is another user's; ask as that user.`, {
        cause,
      });
    }
    throw new LatchkeyError(
      'server-unavailable',
      `No agent runs in "${agentDir}"; start it with "latchkey agent run", or name its folder with --dir.`,
      { cause },
    );
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw otherVersion();
  }
}

function otherVersion(): LatchkeyError {
  return new LatchkeyError(
    'invalid-payload',
    'The agent answers in a way that this command does not know: are both of one version?',
  );
}

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readAgentDir } from '@latchkey/config';
import { type AgentLine, type AgentStatus, agentLine, agentSocketPath, agentStatus } from '@latchkey/contracts';
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
 * @throws LatchkeyError `server-unavailable` when none runs there, `forbidden` when it is another user's.
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

async function open(agentDir: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const asked = request({ socketPath: join(agentDir, agentSocketPath), path, signal }).end();
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    asked.on('error', () => undefined);
    if (response.statusCode !== 200) throw otherVersion();
    return response;
  } catch (cause) {
    if (cause instanceof LatchkeyError || signal?.aborted) throw cause;
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

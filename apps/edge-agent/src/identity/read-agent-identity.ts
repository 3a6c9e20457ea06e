import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentIdentity, agentIdentity } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';

/**
 * Who this device is: `DIR/agent.json`, as central gave it.
 * @throws LatchkeyError `missing-file` when it is not there, `config-invalid` when it is damaged.
 */
export function readAgentIdentity(agentDir: string): AgentIdentity {
  const path = join(agentDir, 'agent.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('missing-file', `"${path}" cannot be read; join this device to a site first.`, { cause });
  }
  const parsed = agentIdentity.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LatchkeyError(
      'config-invalid',
      `"${path}" is damaged (${issue?.path.join('.') || 'file'}: ${issue?.message}); join this device again.`,
    );
  }
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

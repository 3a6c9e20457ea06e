import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentIdentity } from '@latchkey/contracts';

/** Writes a device's identity (`agent.json`, mode 0600) into the agent's folder, whole or not at all. */
export function writeIdentity(agentDir: string, identity: AgentIdentity): void {
  mkdirSync(agentDir, { recursive: true, mode: 0o700 });
  const path = join(agentDir, 'agent.json');
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path);
}

import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { installedParts } from '../supervisor/part-paths.ts';
import { addAgentClaimCommand } from './agent-claim.ts';
import { addAgentStatusCommand } from './agent-status.ts';
import { addAgentWatchCommand } from './agent-watch.ts';

/**
 * `latchkey central`: central alone in this process, as a service manager runs it. It is configured by `LATCHKEY_…` variables;
 * signals and exit codes are its own.
 */
export function addCentralCommand(program: Command): void {
  program
    .command('central')
    .description('Runs central alone: LATCHKEY_DATABASE_URL, LATCHKEY_MQTT_URL and others, see README.')
    .action(() => run(installedParts().central));
}

/** `latchkey agent`: `run`, the agent alone in this process, likewise; `status` and `watch` ask one that runs. */
export function addAgentCommand(program: Command): void {
  const agent = program.command('agent').description('Edge agent of this machine.');
  agent
    .command('run')
    .description(
      'Runs the agent whose identity is LATCHKEY_AGENT_DIR/agent.json: LATCHKEY_CAMERA and others, see README.',
    )
    .action(() => run(installedParts().agent));
  addAgentStatusCommand(agent);
  addAgentWatchCommand(agent);
  addAgentClaimCommand(agent);
}

async function run(program: string): Promise<void> {
  await import(pathToFileURL(program).href);
}

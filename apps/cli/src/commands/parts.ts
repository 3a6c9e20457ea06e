import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { installedParts } from '../supervisor/part-paths.ts';

/**
 * `latchkey central` and `latchkey agent run`: one part alone in this process, as a service manager runs it. Everything is
 * configured by `LATCHKEY_…` variables; signals and exit codes are the part's own.
 */
export function addPartCommands(program: Command): void {
  program
    .command('central')
    .description('Runs central alone: LATCHKEY_DATABASE_URL, LATCHKEY_MQTT_URL and others, see README.')
    .action(() => run(installedParts().central));
  program
    .command('agent')
    .description('Edge agent of this machine.')
    .command('run')
    .description(
      'Runs the agent whose identity is LATCHKEY_AGENT_DIR/agent.json: LATCHKEY_CAMERA and others, see README.',
    )
    .action(() => run(installedParts().agent));
}

async function run(program: string): Promise<void> {
  await import(pathToFileURL(program).href);
}

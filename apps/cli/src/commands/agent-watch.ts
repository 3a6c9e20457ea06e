import type { AgentLine } from '@latchkey/contracts';
import type { Command } from 'commander';
import { agentDirOf, watchAgent } from '../agent/agent-socket.ts';
import { interruptible } from '../engines/interruptible.ts';
import { outputOf } from '../output.ts';

/** `latchkey agent watch`: what the agent of this machine decides, as it happens. */
export function addAgentWatchCommand(agent: Command): void {
  const command = agent
    .command('watch')
    .description(
      'Prints what the agent that runs on this machine decides, a line an event, until Ctrl-C or its end. Exit code 3: none runs.',
    )
    .option('--dir <dir>', 'its folder (default: LATCHKEY_AGENT_DIR)');
  command.action(async ({ dir }: { readonly dir?: string }) => {
    const output = outputOf(command);
    await interruptible(
      output,
      async (signal) => {
        for await (const line of watchAgent(agentDirOf(dir), signal)) output.result(textOf(line), line);
        output.note('The agent has ended.');
      },
      'Watched until here.',
    );
  });
}

/** `16:42:07 granted  Ada  0.312 of 0.5  front  matched`. */
function textOf({ at, kind, decision, name, personId, distance, maxDistance, cameraId, reasons, message }: AgentLine) {
  const who = name ?? (personId === null ? null : 'somebody who was removed');
  const how = distance === null ? null : `${distance.toFixed(3)}${maxDistance === null ? '' : ` of ${maxDistance}`}`;
  const parts = [decision ?? kind, who, message, how, cameraId, reasons.join(', ')];
  const time = new Date(at).toTimeString().slice(0, 8);
  return [time, ...parts.filter((part) => part !== null && part !== '')].join('  ');
}

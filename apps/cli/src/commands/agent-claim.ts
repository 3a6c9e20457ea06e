import type { Command } from 'commander';
import { agentDirOf, claimAtAgent } from '../agent/agent-socket.ts';
import { parseSeconds } from '../option-parsers.ts';
import { outputOf } from '../output.ts';

/** `latchkey agent claim`: what a card reader or a keypad calls when somebody said who they are. */
export function addAgentClaimCommand(agent: Command): void {
  const command = agent
    .command('claim')
    .description(
      'Tells the agent on this machine who stands before its door: for a while only that person is let in, once a camera sees them. Exit code 1: the device does not know the person; 3: no agent runs.',
    )
    .argument('<person>', 'id of the person, as the card or the code names them')
    .option('--for <seconds>', 'how long they have, 1 to 60', parseSeconds, 15)
    .option('--dir <dir>', "the agent's folder (default: LATCHKEY_AGENT_DIR)");
  command.action(async (personId: string, { dir, for: forS }: { readonly dir?: string; readonly for: number }) => {
    await claimAtAgent(agentDirOf(dir), { personId, forS });
    outputOf(command).result(`For ${forS} s the door waits for this person alone.`, { personId, forS });
  });
}

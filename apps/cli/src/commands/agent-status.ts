import type { AgentStatus, Telemetry } from '@latchkey/contracts';
import type { Command } from 'commander';
import { agentDirOf, askAgentStatus } from '../agent/agent-socket.ts';
import { outputOf } from '../output.ts';

/** `latchkey agent status`: how the agent of this machine is. */
export function addAgentStatusCommand(agent: Command): void {
  const command = agent
    .command('status')
    .description('Says how the agent that runs on this machine is. Exit code 3: none runs.')
    .option('--dir <dir>', 'its folder (default: LATCHKEY_AGENT_DIR)');
  command.action(async ({ dir }: { readonly dir?: string }) => {
    const status = await askAgentStatus(agentDirOf(dir));
    outputOf(command).result(linesOf(status).join('\n'), status);
  });
}

function linesOf(status: AgentStatus): string[] {
  const { telemetry } = status;
  const rows: [string, string][] = [
    ['device', `${status.siteId}/${status.deviceId}, Latchkey ${status.agentVersion}`],
    ['engine', `${status.engine}, model ${status.modelId}`],
    ['broker', status.connected ? 'connected' : 'not connected; the door works without'],
    ['clock', status.clockTrusted ? 'trusted' : 'not trusted: people on a schedule wait'],
    ['configuration', status.configRevision === 0 ? 'none of central’s yet' : `revision ${status.configRevision}`],
    ['gallery', galleryOf(status)],
    ['events', `${status.outboxPending} wait for central`],
  ];
  if (!telemetry) return [...rows, ['frames', 'counted for the first ten seconds'] as const].map(lineOf);
  rows.push(['frames', `${telemetry.framesPerSecond} a second analysed, ${telemetry.droppedFrames} dropped`]);
  if (telemetry.decisionP95Ms !== null)
    rows.push(['decisions', `95 % within ${Math.round(telemetry.decisionP95Ms)} ms`]);
  for (const { id, state, framesPerSecond, lastProblem } of telemetry.cameras ?? []) {
    const problem = state !== 'running' && lastProblem ? `: ${lastProblem}` : '';
    rows.push([`camera ${id}`, `${state}, ${framesPerSecond} frames a second${problem}`]);
  }
  rows.push(['memory', `${Math.round(telemetry.rssBytes / 1e6)} MB`], ...loadOf(telemetry));
  return rows.map(lineOf);
}

function galleryOf({ gallery: { people, encodings, partlyLocked, locked } }: AgentStatus): string {
  const notes = [
    ...(partlyLocked ? ['damaged groups are left out'] : []),
    ...(locked ? ['locked: central was not heard for too long, nobody is let in'] : []),
  ];
  return [`${people} people, ${encodings} encodings`, ...notes].join('; ');
}

/** How busy and how hot it is, as far as somebody says so. */
function loadOf({ cpuShare, eventLoopP99Ms, machine }: Telemetry): [string, string][] {
  const rows: [string, string][] = [];
  if (cpuShare !== undefined) {
    rows.push(['processor', `${Math.round(100 * cpuShare)} % of a core; 99 % of waits within ${eventLoopP99Ms} ms`]);
  }
  if (machine?.gpuLoad != null) rows.push(['graphics', `${Math.round(100 * machine.gpuLoad)} % busy`]);
  const [hottest] = [...(machine?.temperatures ?? [])].sort((a, b) => b.celsius - a.celsius);
  if (hottest) rows.push(['hottest', `${hottest.sensor}, ${hottest.celsius} °C`]);
  return rows;
}

function lineOf([title, text]: readonly [string, string]): string {
  return `${title.padEnd(15)}${text}`;
}

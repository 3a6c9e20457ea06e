import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type SimulatedAgentReport, simulatedAgentTask } from './messages.ts';
import { SimulatedAgent } from './simulated-agent.ts';

const task = simulatedAgentTask.parse(JSON.parse(process.argv[2] ?? 'null'));
const agent = new SimulatedAgent(task);
let stopping = false;

function report(message: SimulatedAgentReport): void {
  if (process.connected) process.send?.(message);
}

// The test has ended, well or badly: nobody listens any more.
process.on('disconnect', () => {
  stopping = true;
  void agent.stop().finally(() => process.exit(0));
});

agent.start();
report({ type: 'ready' });
while (!stopping && agent.total < task.events) {
  const { streamId, seq, id } = agent.seeStranger();
  report({ type: 'appended', streamId, seq, id });
  if (task.everyMs > 0) await delay(task.everyMs);
  else await nextTurn();
}
if (!stopping) {
  report({ type: 'complete' });
  await agent.drained();
  report({ type: 'drained' });
}

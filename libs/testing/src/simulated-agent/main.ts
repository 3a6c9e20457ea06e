import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type SimulatedAgentReport, simulatedAgentGoal, simulatedAgentTask } from './messages.ts';
import { SimulatedAgent } from './simulated-agent.ts';

const task = simulatedAgentTask.parse(JSON.parse(process.argv[2] ?? 'null'));
const agent = new SimulatedAgent(task);
let goal = task.events;
let goalRaised: () => void = () => {};
let appended = 0;
let stopping = false;

function report(message: SimulatedAgentReport): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (message) => {
  goal = simulatedAgentGoal.parse(message).events;
  goalRaised();
});

// The test has ended, well or badly: nobody listens any more.
process.on('disconnect', () => {
  stopping = true;
  void agent.stop().finally(() => process.exit(0));
});

agent.start();
report({ type: 'ready' });
while (!stopping) {
  const raised = new Promise<void>((resolve) => {
    goalRaised = resolve;
  });
  while (!stopping && agent.total < goal) {
    appended++;
    const isHealth = task.healthEvery !== undefined && appended % task.healthEvery === 0;
    const { streamId, seq, id } = isHealth ? agent.tellHealth() : agent.seeStranger();
    report({ type: 'appended', streamId, seq, id });
    if (task.everyMs > 0) await delay(task.everyMs);
    else await nextTurn();
  }
  if (stopping) break;
  const events = agent.total;
  report({ type: 'complete', events });
  await Promise.race([agent.drained().then(() => report({ type: 'drained', events })), raised]);
  await raised;
}

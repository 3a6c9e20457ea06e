import { listEngines } from '@latchkey/vision';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';

/** `latchkey engine list`: which inference engines load on this machine, and why the others do not. */
export function addEngineCommand(program: Command): void {
  const engine = program.command('engine').description('Inference engines of this machine.');
  const list = engine.command('list').description('Which engines load here, fastest first; why the others do not.');
  list.action(async () => {
    const engines = await listEngines();
    const lines = engines.map(
      ({ name, available, reason }) => `${name.padEnd(11)} ${available ? 'loads' : 'does not load'}: ${reason}`,
    );
    outputOf(list).result(lines.join('\n'), { engines });
    process.exitCode = engines.some(({ available }) => available) ? exitCodes.done : exitCodes.serviceMissing;
  });
}

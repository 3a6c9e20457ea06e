#!/usr/bin/env node
import { quietTensorflow } from '@latchkey/config';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { buildProgram } from './program.ts';

// A closed pipe (`latchkey … | head`) or a terminal that went away is no fault.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

quietTensorflow();

try {
  await (await buildProgram(process.argv.slice(2))).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; help and version come this way too, with 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  } else {
    new Output(process.argv.includes('--json')).failure(error);
    process.exitCode = exitCodeOf(error);
  }
}

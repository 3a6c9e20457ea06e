import { Command } from 'commander';
import { addUpCommand } from './commands/up.ts';

/** The `latchkey` command line with all of its commands. */
export function buildProgram(): Command {
  const program = new Command('latchkey')
    .description('Face-recognition doors: runs them, and recognises faces on pictures.')
    .option('--json', 'results as JSON, one value a line')
    .enablePositionalOptions(false)
    .showHelpAfterError('(see latchkey --help)')
    .exitOverride();
  addUpCommand(program);
  for (const command of program.commands) {
    // After the command's name as well, where people write it.
    command.option('--json', 'results as JSON, one value a line').exitOverride();
  }
  return program;
}

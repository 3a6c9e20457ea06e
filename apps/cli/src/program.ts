import { createRequire } from 'node:module';
import { Command } from 'commander';
import { z } from 'zod';
import { addCalibrateCommand } from './commands/calibrate.ts';
import { addCameraCommand } from './commands/camera.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEncodeCommand } from './commands/encode.ts';
import { addEngineCommand } from './commands/engine.ts';
import { addEnrollCommand } from './commands/enroll.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addEvaluateLivenessCommand } from './commands/evaluate-liveness.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPartCommands } from './commands/parts.ts';
import { addRecognizeCommand } from './commands/recognize.ts';
import { addUpCommand } from './commands/up.ts';
import { addVerifyCommand } from './commands/verify.ts';

const manifest = z.object({ version: z.string() });

/** The `latchkey` command line with all of its commands. */
export function buildProgram(): Command {
  const { version } = manifest.parse(createRequire(import.meta.url)('../package.json'));
  const program = new Command('latchkey')
    .description('Face-recognition doors: runs them, and recognises faces on pictures.')
    .version(version)
    .showHelpAfterError('(see latchkey --help)');
  addUpCommand(program);
  addPartCommands(program);
  addVerifyCommand(program);
  addRecognizeCommand(program);
  addEnrollCommand(program);
  addEncodeCommand(program);
  addEvaluateCommand(program);
  addEvaluateLivenessCommand(program);
  addCalibrateCommand(program);
  addEngineCommand(program);
  addModelsCommand(program);
  addCameraCommand(program);
  addMigrateCommand(program);
  addDoctorCommand(program);
  addCommonOptions(program);
  return program;
}

/** `--json` before or after any command's name; ends by throwing, so that exit codes are decided in one place. */
function addCommonOptions(command: Command): void {
  command.option('--json', 'results as JSON, one value a line').exitOverride();
  for (const inner of command.commands) addCommonOptions(inner);
}

import { createRequire } from 'node:module';
import { Command } from 'commander';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

type AddCommand = (program: Command) => void;

/**
 * Every command, loaded when it is asked for: what the others need (servers, engines, benches) would take longer to load
 * than `latchkey verify` takes to answer.
 */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import('./commands/up.ts')).addUpCommand,
  central: async () => (await import('./commands/parts.ts')).addCentralCommand,
  agent: async () => (await import('./commands/parts.ts')).addAgentCommand,
  verify: async () => (await import('./commands/verify.ts')).addVerifyCommand,
  recognize: async () => (await import('./commands/recognize.ts')).addRecognizeCommand,
  enroll: async () => (await import('./commands/enroll.ts')).addEnrollCommand,
  encode: async () => (await import('./commands/encode.ts')).addEncodeCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).addEvaluateCommand,
  'evaluate-liveness': async () => (await import('./commands/evaluate-liveness.ts')).addEvaluateLivenessCommand,
  calibrate: async () => (await import('./commands/calibrate.ts')).addCalibrateCommand,
  engine: async () => (await import('./commands/engine.ts')).addEngineCommand,
  models: async () => (await import('./commands/models.ts')).addModelsCommand,
  camera: async () => (await import('./commands/camera.ts')).addCameraCommand,
  migrate: async () => (await import('./commands/migrate.ts')).addMigrateCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
};

/**
 * The `latchkey` command line.
 * @param args the words after `latchkey`; with the name of a command as the first that is no option, that command alone is
 * loaded, otherwise all of them are.
 */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const { version } = manifest.parse(createRequire(import.meta.url)('../package.json'));
  const program = new Command('latchkey')
    .description('Face-recognition doors: runs them, and recognises faces on pictures.')
    .version(version)
    .showHelpAfterError('(see latchkey --help)');
  const name = args.find((arg) => !arg.startsWith('-')) ?? '';
  const asked = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands);
  for (const load of asked) (await load?.())?.(program);
  addCommonOptions(program);
  return program;
}

/** `--json` before or after any command's name; ends by throwing, so that exit codes are decided in one place. */
function addCommonOptions(command: Command): void {
  command.option('--json', 'results as JSON, one value a line').exitOverride();
  for (const inner of command.commands) addCommonOptions(inner);
}

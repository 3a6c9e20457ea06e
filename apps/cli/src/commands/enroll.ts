import { type ErrorCode, enrolmentWarningCodes, errorCodes, LatchkeyError } from '@latchkey/domain';
import type { Command } from 'commander';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { addSourceOptions, openRecognizer, type SourceFlags } from '../recognition/open-recognizer.ts';

interface EnrollFlags extends SourceFlags {
  readonly force?: boolean;
}

/** `latchkey enroll IDENTITY IMAGE...`: makes a person known by pictures. */
export function addEnrollCommand(program: Command): void {
  const command = program
    .command('enroll')
    .description('Makes a person known by one or more pictures of one face each.')
    .argument('<identity>', "the person's name")
    .argument('<images...>', 'pictures of one face each')
    .option('--force', 'also a face that is like another person’s, or unlike the person’s others');
  addSourceOptions(command).action(async (identity: string, images: string[], flags: EnrollFlags) => {
    const output = outputOf(command);
    const recognizer = await openRecognizer(flags, output);
    try {
      const results = await recognizer.enroll(identity, images, { force: flags.force === true });
      const lines = results.map(({ file, accepted, code, message }) =>
        accepted ? `${file}: enrolled as ${identity}` : `${file}: ${code}: ${message}${hint(code)}`,
      );
      for (const { warnings = [] } of results)
        for (const { code, message } of warnings) output.note(`${code}: ${message}`);
      output.result(lines.join('\n'), { identity, results });
      const refused = results.find(({ accepted }) => !accepted);
      process.exitCode = refused ? exitCodeOf(refusal(refused.code)) : exitCodes.done;
    } finally {
      await recognizer.close();
    }
  });
}

function hint(code: string | undefined): string {
  return enrolmentWarningCodes.some((warning) => warning === code) ? ' (Pass --force.)' : '';
}

function refusal(code: string | undefined): LatchkeyError {
  const known = code !== undefined && Object.hasOwn(errorCodes, code);
  return new LatchkeyError(known ? (code as ErrorCode) : 'internal', 'a picture was refused');
}

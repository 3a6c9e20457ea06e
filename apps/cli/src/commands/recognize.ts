import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { addSourceOptions, openRecognizer, type SourceFlags } from '../recognition/open-recognizer.ts';

/** `latchkey recognize IMAGE`: whose face a picture shows; words of the seed project's `who_is_it`. */
export function addRecognizeCommand(program: Command): void {
  const command = program
    .command('recognize')
    .description('Says whose face a picture shows. Exit code 0: somebody, 1: nobody who is known.')
    .argument('<image>', 'picture of one face');
  addSourceOptions(command).action(async (image: string, flags: SourceFlags) => {
    const output = outputOf(command);
    const recognizer = await openRecognizer(flags, output);
    try {
      const verdict = await recognizer.recognize(image);
      output.result(
        verdict.granted
          ? `it's ${verdict.name}, the distance is ${verdict.distance?.toFixed(4)}`
          : 'Not in the database.',
        { image, ...verdict },
      );
      process.exitCode = verdict.granted ? exitCodes.done : exitCodes.denied;
    } finally {
      await recognizer.close();
    }
  });
}

import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { addSourceOptions, openRecognizer, type SourceFlags } from '../recognition/open-recognizer.ts';

/** `latchkey verify IMAGE IDENTITY`: whether a picture shows the person it is said to show; words of the seed project. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('Checks whether a picture shows a certain person. Exit code 0: yes, 1: no.')
    .argument('<image>', 'picture of one face')
    .argument('<identity>', "the person's name");
  addSourceOptions(command).action(async (image: string, identity: string, flags: SourceFlags) => {
    const output = outputOf(command);
    const recognizer = await openRecognizer(flags, output);
    try {
      const verdict = await recognizer.verify(image, identity);
      const distance = verdict.distance?.toFixed(4) ?? 'none';
      output.result(
        verdict.granted
          ? `It's ${identity}, welcome home!\n(${distance}, true)`
          : `It's not ${identity}, please go away`,
        { image, identity, ...verdict },
      );
      if (!verdict.granted) output.note(`distance ${distance}, at most ${verdict.maxDistance} is let in`);
      process.exitCode = verdict.granted ? exitCodes.done : exitCodes.denied;
    } finally {
      await recognizer.close();
    }
  });
}

import { LatchkeyError, seedVerifyPair, seedVerifyWords, wordsOfQuality } from '@latchkey/domain';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { addSourceOptions, openRecognizer, type SourceFlags } from '../recognition/open-recognizer.ts';
import type { PolicyName, Verdict } from '../recognition/recognizer.ts';
import { annotatedClaim, annotatedFace, assertAnnotatable, writeAnnotated } from '../recognition/write-annotated.ts';

interface VerifyFlags extends SourceFlags {
  readonly annotate?: string;
}

/** `latchkey verify IMAGE IDENTITY`: whether a picture shows the person it is said to show; words of the seed project. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('Checks whether a picture shows a certain person. Exit code 0: yes, 1: no.')
    .argument('<image>', 'picture of one face')
    .argument('<identity>', "the person's name")
    .option(
      '--annotate <file>',
      'with --gallery: a copy of the picture with a box and a name for each face, .jpg or .png',
    );
  addSourceOptions(command).action(async (image: string, identity: string, flags: VerifyFlags) => {
    const output = outputOf(command);
    if (flags.annotate !== undefined) {
      if (flags.gallery === undefined) {
        throw new LatchkeyError(
          'invalid-input',
          'A central does not say where the face is; --annotate goes with --gallery.',
        );
      }
      assertAnnotatable(flags.annotate, image);
    }
    const recognizer = await openRecognizer(flags, output);
    try {
      const { verdict, others, ...basis } = await recognizer.verify(image, identity);
      output.result(words(identity, verdict, flags.policy), {
        image,
        identity,
        ...verdict,
        policy: flags.policy,
        ...basis,
      });
      if (!verdict.granted && flags.policy === 'door') {
        output.note(whyNot(verdict));
      }
      if (verdict.faults.length > 0) output.note(`a poor picture: ${wordsOfQuality(verdict.faults)}`);
      if (flags.annotate !== undefined) {
        await writeAnnotated(flags.annotate, image, [...annotatedClaim(verdict), ...others.flatMap(annotatedFace)]);
      }
      process.exitCode = verdict.granted ? exitCodes.done : exitCodes.denied;
    } finally {
      await recognizer.close();
    }
  });
}

/** The seed's two lines; a door says no more than that it stays shut, and the distance on stderr. */
function words(identity: string, { granted, distance }: Verdict, policy: PolicyName): string {
  const line = seedVerifyWords(identity, granted);
  return distance !== null && (granted || policy === 'seed') ? `${line}\n${seedVerifyPair(distance, granted)}` : line;
}

function whyNot({ distance, maxDistance, margin }: Verdict): string {
  const far = `distance ${distance?.toFixed(4) ?? 'none'}, at most ${maxDistance} is let in`;
  if (distance === null || margin === null || distance > maxDistance) return far;
  return `${far}, but somebody else is ${margin < 0 ? 'nearer' : 'nearly as near'} (margin ${margin.toFixed(4)})`;
}

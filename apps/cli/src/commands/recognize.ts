import { seedWhoIsItWords, wordsOfQuality } from '@latchkey/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { addSourceOptions, openRecognizer, type SourceFlags } from '../recognition/open-recognizer.ts';
import type { Verdict } from '../recognition/recognizer.ts';
import { annotatedFace, assertAnnotatable, writeAnnotated } from '../recognition/write-annotated.ts';

interface RecognizeFlags extends SourceFlags {
  readonly all?: boolean;
  readonly top: number;
  readonly annotate?: string;
}

/** `latchkey recognize IMAGE`: whose face a picture shows; words of the seed project's `who_is_it`. */
export function addRecognizeCommand(program: Command): void {
  const command = program
    .command('recognize')
    .description('Says whose face a picture shows. Exit code 0: somebody, 1: nobody who is known.')
    .argument('<image>', 'picture of one face, or of several with --all')
    .option('--all', 'every face of the picture, a line each, the largest first')
    .option('--top <n>', 'name the nearest people with their distances', parseTop, 1)
    .option(
      '--annotate <file>',
      'a copy of the picture with a box and a name for each face, .jpg or .png; all faces unless --largest',
    );
  addSourceOptions(command).action(async (image: string, flags: RecognizeFlags) => {
    const output = outputOf(command);
    if (flags.annotate !== undefined) assertAnnotatable(flags.annotate, image);
    const all = flags.all === true || (flags.annotate !== undefined && flags.largest !== true);
    const recognizer = await openRecognizer(flags, output);
    try {
      const { faces, ...basis } = await recognizer.recognize(image, { all, top: flags.top });
      const granted = faces.some((face) => face.granted);
      const [first] = faces;
      const alone = faces.length === 1 && first ? first : {};
      output.result(faces.map((face, i) => words(face, faces.length > 1 ? i + 1 : null, flags.top)).join('\n'), {
        image,
        ...alone,
        granted,
        policy: flags.policy,
        ...basis,
        faces,
      });
      for (const [i, { faults }] of faces.entries()) {
        if (faults.length === 0) continue;
        output.note(`${faces.length > 1 ? `face ${i + 1}` : 'a poor picture'}: ${wordsOfQuality(faults)}`);
      }
      if (flags.annotate !== undefined) await writeAnnotated(flags.annotate, image, faces.flatMap(annotatedFace));
      process.exitCode = granted ? exitCodes.done : exitCodes.denied;
    } finally {
      await recognizer.close();
    }
  });
}

/** @param number of the face among several; null for one alone. */
function words({ name, distance, granted, box, candidates }: Verdict, number: number | null, top: number): string {
  const answer = seedWhoIsItWords({ identity: granted ? name : null, distance: distance ?? Number.POSITIVE_INFINITY });
  const lines = [number === null ? answer : `face ${number}${placeOf(box)}: ${answer}`];
  if (top > 1) lines.push(...candidates.map((one, i) => `  ${i + 1}. ${one.name} ${one.distance.toFixed(4)}`));
  return lines.join('\n');
}

function placeOf(box: Verdict['box']): string {
  if (box === null) return '';
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round);
  return ` at ${x}, ${y} (${width} × ${height})`;
}

function parseTop(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) throw new InvalidArgumentError('It is a number from 1.');
  return number;
}

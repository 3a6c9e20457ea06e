import { encodingToBytes, isLatchkeyError } from '@latchkey/domain';
import { decodeImage, type EngineChoice, type FaceAnalyzer, singleFace } from '@latchkey/vision';
import type { Command } from 'commander';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import { named } from '../recognition/folder-recognizer.ts';
import { readImageFile } from '../recognition/image-file.ts';
import { engineOption, modelOption, openAnalyzer } from '../recognition/open-recognizer.ts';

interface EncodeFlags {
  readonly largest?: boolean;
  readonly engine?: EngineChoice;
  readonly model?: string;
}

/** `latchkey encode IMAGE...`: the encodings of faces, one line a picture. */
export function addEncodeCommand(program: Command): void {
  const command = program
    .command('encode')
    .description('Prints the encoding of the face on each picture: file, model, base64 of little-endian float32.')
    .argument('<images...>', 'pictures of one face each')
    .option('--largest', 'take the largest of several faces')
    .addOption(modelOption())
    .addOption(engineOption());
  command.action(async (images: string[], flags: EncodeFlags) => {
    const output = outputOf(command);
    const analyzer = await openAnalyzer(flags, output);
    process.exitCode = exitCodes.done;
    try {
      for (const image of images) {
        try {
          const face = await encode(analyzer, image, flags.largest === true);
          output.result(face.text, face.value);
        } catch (error) {
          if (!isLatchkeyError(error)) throw error;
          // The others are still wanted; the first one that failed decides the exit code.
          output.failure(error, { file: image });
          if (process.exitCode === exitCodes.done) process.exitCode = exitCodeOf(error);
        }
      }
    } finally {
      await analyzer.dispose();
    }
  });
}

async function encode(analyzer: FaceAnalyzer, file: string, largest: boolean) {
  const image = await decodeImage(await readImageFile(file)).catch((error: unknown) => {
    throw named(file, error);
  });
  const { encoding, box, quality } = singleFace(await analyzer.analyze(image), { source: file, largest });
  const base64 = Buffer.from(encodingToBytes(encoding.values)).toString('base64');
  return {
    text: `${file}\t${encoding.modelId}\t${base64}`,
    value: { file, modelId: encoding.modelId, box, quality: quality.score, values: [...encoding.values] },
  };
}

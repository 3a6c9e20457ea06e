import { encodingToBytes, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { singleFace } from '@latchkey/vision';
import type { Command } from 'commander';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';
import type { FaceReader, ReadFace } from '../recognition/face-reader.ts';
import { decodeImageFile } from '../recognition/image-file.ts';
import { openFaceReader, type ReaderFlags } from '../recognition/open-face-reader.ts';
import {
  addMirroredOptions,
  detectorOption,
  engineOption,
  modelOption,
  policyOption,
} from '../recognition/open-recognizer.ts';

interface EncodeFlags extends ReaderFlags {
  readonly largest?: boolean;
  readonly all?: boolean;
  readonly csv?: boolean;
}

/** `latchkey encode IMAGE...`: the encodings of faces, one line a face. */
export function addEncodeCommand(program: Command): void {
  const command = program
    .command('encode')
    .description('Prints the encoding of the face on each picture: file, model, base64 of little-endian float32.')
    .argument('<images...>', 'pictures of one face each')
    .option('--largest', 'take the largest of several faces')
    .option('--all', 'every face of each picture, the largest first')
    .option('--csv', 'comma-separated values with a header: file, model, box, quality, the numbers of the encoding')
    .addOption(policyOption())
    .addOption(modelOption())
    .addOption(detectorOption())
    .addOption(engineOption());
  addMirroredOptions(command).action(async (images: string[], flags: EncodeFlags) => {
    const output = outputOf(command);
    if (flags.csv && output.isJson) throw new LatchkeyError('invalid-input', 'Pass --csv or --json, not both.');
    const reader = await openFaceReader(flags, output);
    process.exitCode = exitCodes.done;
    try {
      if (flags.csv) output.result(csvHeader(reader.model.dimension), null);
      for (const image of images) {
        try {
          for (const face of await encode(reader, image, flags)) {
            output.result(flags.csv ? csvLine(image, face) : textLine(image, face), jsonValue(image, face));
          }
        } catch (error) {
          if (!isLatchkeyError(error)) throw error;
          // The others are still wanted; the first one that failed decides the exit code.
          output.failure(error, { file: image });
          if (process.exitCode === exitCodes.done) process.exitCode = exitCodeOf(error);
        }
      }
    } finally {
      await reader.dispose();
    }
  });
}

async function encode(
  reader: FaceReader,
  file: string,
  { largest = false, all = false }: EncodeFlags,
): Promise<readonly ReadFace[]> {
  const faces = await reader.read(await decodeImageFile(file));
  // Also with --all: a picture without a face is refused.
  const single = singleFace(faces, { source: file, largest: largest || all });
  return all ? faces : [single];
}

function textLine(file: string, { encoding }: ReadFace): string {
  return `${file}\t${encoding.modelId}\t${Buffer.from(encodingToBytes(encoding.values)).toString('base64')}`;
}

function jsonValue(file: string, { encoding, box, quality }: ReadFace) {
  return { file, modelId: encoding.modelId, box, quality: quality?.score ?? null, values: [...encoding.values] };
}

function csvHeader(dimension: number): string {
  const values = Array.from({ length: dimension }, (_, i) => `v${i}`);
  return ['file', 'modelId', 'x', 'y', 'width', 'height', 'quality', ...values].join(',');
}

function csvLine(file: string, { encoding, box, quality }: ReadFace): string {
  const place = [box.x, box.y, box.width, box.height];
  return [quoted(file), quoted(encoding.modelId), ...place, quality?.score ?? '', ...encoding.values].join(',');
}

/** A field of RFC 4180. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { detectorNames, encoderNames } from '@latchkey/vision';
import { type Command, Option } from 'commander';
import type { Output } from '../output.ts';
import { EncodingStore } from './encoding-store.ts';
import type { FaceReader } from './face-reader.ts';
import { FolderRecognizer } from './folder-recognizer.ts';
import { GalleryFolder } from './gallery-folder.ts';
import { openFaceReader, type ReaderFlags } from './open-face-reader.ts';
import type { Recognizer } from './recognizer.ts';
import { ServerRecognizer } from './server-recognizer.ts';
import { localSession, ServerSession } from './server-session.ts';

/** Flags of commands that need people to recognise. */
export interface SourceFlags extends ReaderFlags {
  readonly gallery?: string;
  readonly server?: string;
  readonly token?: string;
  readonly data: string;
  readonly largest?: boolean;
  readonly cache: boolean;
}

/** Adds the options that say where people are known from, and how. */
export function addSourceOptions(command: Command): Command {
  return addMirroredOptions(command)
    .option('--gallery <dir>', 'folder with train/NAME*.jpg, or a folder per person')
    .option('--server <url>', 'a central; default is the one that "latchkey up" runs on --data')
    .option('--token <token>', 'token of an account at --server (or LATCHKEY_TOKEN)')
    .option('--data <dir>', 'folder of a running "latchkey up"', '.latchkey')
    .addOption(policyOption())
    .option('--largest', 'with --gallery: take the largest of several faces')
    .option('--no-cache', 'with --gallery: neither use nor keep encodings of its pictures')
    .addOption(modelOption())
    .addOption(detectorOption())
    .addOption(engineOption());
}

/** The option that chooses how faces are read and judged. */
export function policyOption(): Option {
  return new Option(
    '--policy <policy>',
    'door: found and aligned faces, judged by the model’s distance and margin; seed: whole pictures and 0.7, as the seed project',
  )
    .choices(['door', 'seed'])
    .default('door');
}

/** The option that chooses an encoder. */
export function modelOption(): Option {
  return new Option('--model <model>', 'encoder; others than the default are got with "latchkey models add"').choices(
    encoderNames,
  );
}

/** The option that chooses a detector. */
export function detectorOption(): Option {
  return new Option('--detector <detector>', 'what finds faces; yunet is got with "latchkey models add"').choices(
    detectorNames,
  );
}

/** Adds the two options that say whether encodings are averaged with the mirrored face's. */
export function addMirroredOptions(command: Command): Command {
  return command
    .option('--mirrored', "average each encoding with the mirrored face's (dlib-resnet34 does unless told not to)")
    .option('--no-mirrored', 'do not');
}

/** The option that chooses an inference engine. */
export function engineOption(): Option {
  return new Option('--engine <engine>', 'inference engine').choices(['auto', 'onnx', 'tensorflow', 'wasm']);
}

/**
 * The people that the flags name.
 * @throws LatchkeyError `invalid-input` for flags that contradict each other, and what opening gives.
 */
export async function openRecognizer(flags: SourceFlags, output: Output): Promise<Recognizer> {
  if (flags.gallery !== undefined) {
    if (flags.server !== undefined) throw new LatchkeyError('invalid-input', 'Pass --gallery or --server, not both.');
    const gallery = new GalleryFolder(flags.gallery);
    const reader = await openFaceReader(flags, output);
    const store = flags.cache ? await storeOf(flags.gallery, reader) : null;
    const { policy, largest = false } = flags;
    return new FolderRecognizer({ gallery, reader, policy, store, largest, output });
  }
  assertForCentral(flags);
  const config = readCliConfig();
  const server = flags.server ?? config.server;
  const openReader = () => openFaceReader(flags, output);
  if (server === null) return new ServerRecognizer(await localSession(flags.data), openReader);
  const token = flags.token ?? config.token;
  if (token === null) {
    throw new LatchkeyError('invalid-input', `A token is needed for ${server}; pass --token or set LATCHKEY_TOKEN.`);
  }
  return new ServerRecognizer(new ServerSession(server, token), openReader);
}

function assertForCentral({ model, mirrored, policy }: SourceFlags): void {
  if (model !== undefined || mirrored !== undefined) {
    const option = model === undefined ? '--mirrored and --no-mirrored go' : '--model goes';
    throw new LatchkeyError('invalid-input', `A central has a model of its own; ${option} with --gallery.`);
  }
  if (policy === 'seed') {
    throw new LatchkeyError('invalid-input', 'A central judges as doors do; --policy seed goes with --gallery.');
  }
}

/** Encodings of one gallery's pictures: another gallery has a file of its own, which goes with its pictures. */
async function storeOf(folder: string, { model, way }: FaceReader): Promise<EncodingStore> {
  const gallery = await realpath(folder).catch(() => folder);
  const ingredients = [model.id, ...way, `gallery ${gallery}`] as const;
  return new EncodingStore(join(readCliConfig().modelCacheDir, 'encodings'), [...ingredients], model.dimension);
}

import { readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { createFaceAnalyzer, type EngineChoice, encoderNames, type FaceAnalyzer, ModelStore } from '@latchkey/vision';
import { type Command, Option } from 'commander';
import type { Output } from '../output.ts';
import { FolderRecognizer } from './folder-recognizer.ts';
import { GalleryFolder } from './gallery-folder.ts';
import type { PolicyName, Recognizer } from './recognizer.ts';
import { ServerRecognizer } from './server-recognizer.ts';
import { localSession, ServerSession } from './server-session.ts';

/** Flags of commands that need people to recognise. */
export interface SourceFlags {
  readonly gallery?: string;
  readonly server?: string;
  readonly token?: string;
  readonly data: string;
  readonly policy: PolicyName;
  readonly largest?: boolean;
  readonly engine?: EngineChoice;
  readonly model?: string;
}

/** Adds the options that say where people are known from, and how. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--gallery <dir>', 'folder with train/NAME*.jpg, or a folder per person')
    .option('--server <url>', 'a central; default is the one that "latchkey up" runs on --data')
    .option('--token <token>', 'token of an account at --server (or LATCHKEY_TOKEN)')
    .option('--data <dir>', 'folder of a running "latchkey up"', '.latchkey')
    .addOption(
      new Option('--policy <policy>', 'with --gallery: how a face is judged').choices(['door', 'seed']).default('door'),
    )
    .option('--largest', 'with --gallery: take the largest of several faces')
    .addOption(modelOption())
    .addOption(engineOption());
}

/** The option that chooses an encoder. */
export function modelOption(): Option {
  return new Option('--model <model>', 'encoder; others than the default are got with "latchkey models add"').choices(
    encoderNames,
  );
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
  const config = readCliConfig();
  if (flags.gallery !== undefined) {
    if (flags.server !== undefined) throw new LatchkeyError('invalid-input', 'Pass --gallery or --server, not both.');
    const gallery = new GalleryFolder(flags.gallery);
    const analyzer = await openAnalyzer(flags, output);
    return new FolderRecognizer({ gallery, analyzer, policy: flags.policy, largest: flags.largest === true, output });
  }
  if (flags.model !== undefined) {
    throw new LatchkeyError('invalid-input', 'A central has a model of its own; --model goes with --gallery.');
  }
  const server = flags.server ?? config.server;
  if (server === null) return new ServerRecognizer(await localSession(flags.data));
  const token = flags.token ?? config.token;
  if (token === null) {
    throw new LatchkeyError('invalid-input', `A token is needed for ${server}; pass --token or set LATCHKEY_TOKEN.`);
  }
  return new ServerRecognizer(new ServerSession(server, token));
}

/**
 * A face analyzer with the configured model cache; what takes long the first time is noted on stderr.
 * @throws LatchkeyError `model-missing` when the chosen model was not added, and what opening gives.
 */
export async function openAnalyzer(
  { engine, model }: Pick<SourceFlags, 'engine' | 'model'>,
  output: Output,
): Promise<FaceAnalyzer> {
  const config = readCliConfig();
  const encoder = model === undefined ? null : await new ModelStore(config.modelCacheDir).encoder(model);
  return createFaceAnalyzer({
    cacheDir: config.modelCacheDir,
    engine: engine ?? config.engine,
    engineDir: config.engineDir,
    ...(encoder ? { encoder } : {}),
    onProgress: (line) => output.detail(line),
  });
}

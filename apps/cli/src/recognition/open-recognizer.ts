import { readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { createFaceAnalyzer, type EngineChoice, type FaceAnalyzer } from '@latchkey/vision';
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
    .addOption(engineOption());
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
    const analyzer = await openAnalyzer(flags.engine, output);
    return new FolderRecognizer({ gallery, analyzer, policy: flags.policy, largest: flags.largest === true, output });
  }
  const server = flags.server ?? config.server;
  if (server === null) return new ServerRecognizer(await localSession(flags.data));
  const token = flags.token ?? config.token;
  if (token === null) {
    throw new LatchkeyError('invalid-input', `A token is needed for ${server}; pass --token or set LATCHKEY_TOKEN.`);
  }
  return new ServerRecognizer(new ServerSession(server, token));
}

/** A face analyzer with the configured engine and model cache; what takes long the first time is noted on stderr. */
export function openAnalyzer(engine: EngineChoice | undefined, output: Output): Promise<FaceAnalyzer> {
  const config = readCliConfig();
  return createFaceAnalyzer({
    cacheDir: config.modelCacheDir,
    engine: engine ?? config.engine,
    engineDir: config.engineDir,
    onProgress: (line) => output.detail(line),
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { type CommandOptions, runCommand } from './run-command.ts';

/** A TensorFlow on this machine that programs can be linked to. */
export interface TensorflowLibrary {
  /** Folder with `tensorflow/c/c_api.h`. */
  readonly include: string;
  /**
   * `libtensorflow_cc.so.2` of a Python package, `libtensorflow.so.2` of the C library, or the Python module that has the C
   * functions in packages before 2.12.
   */
  readonly library: string;
  /** Whether it is that module: it asks for Python's own library. */
  readonly isPythonModule: boolean;
  readonly framework: string;
  /** As its headers say; null when they do not. */
  readonly version: string | null;
}

/** Where older Python packages, and NVIDIA's for JetPack 4, have everything that is not in the framework's library. */
const pythonModule = join('python', '_pywrap_tensorflow_internal.so');

/** The wheel that this was built and tested with, on x64 with Python 3.11. */
export const testedWheel = 'tensorflow-cpu==2.15.1';

/** `e_machine` of the ELF header. */
const elfMachines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

const howToGet =
  `Install one for this machine's Python, such as "pip install ${testedWheel}" (on a Jetson NVIDIA's wheel for its JetPack), ` +
  'or pass --from DIR with a folder made by "pip install --no-deps --target DIR WHEEL" or an unpacked libtensorflow.';

/**
 * The TensorFlow of the machine's Python.
 * @param python the interpreter that is asked; TensorFlow itself is not started.
 * @throws LatchkeyError `missing-file` when there is no Python, no TensorFlow, or none that can be linked to.
 */
export async function tensorflowOfPython(python: string, options: CommandOptions): Promise<TensorflowLibrary> {
  const question =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")';
  const answer = await runCommand(python, ['-c', question], options);
  if (!answer.ok) {
    throw new LatchkeyError('missing-file', `"${python}" does not run (${answer.end}). ${howToGet}`);
  }
  const folder = answer.stdout.trim();
  if (folder === '') throw new LatchkeyError('missing-file', `${python} has no package tensorflow. ${howToGet}`);
  return tensorflowIn(folder);
}

/**
 * The TensorFlow in a folder: a Python package's, one with that package in it, or an unpacked C library.
 * @throws LatchkeyError `missing-file` that names what is not there, `engine-unavailable` when it is of another processor or
 * version.
 */
export async function tensorflowIn(from: string): Promise<TensorflowLibrary> {
  const given = resolve(from);
  if (!existsSync(given)) throw new LatchkeyError('missing-file', `There is no folder ${given}. ${howToGet}`);
  const folders = [given, join(given, 'tensorflow'), join(given, 'lib')];
  const ownLibrary = firstOf(folders, ['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow.so']);
  const library = ownLibrary ?? firstOf(folders, [pythonModule]);
  const framework = firstOf(folders, ['libtensorflow_framework.so.2', 'libtensorflow_framework.so']);
  if (library === null || framework === null) {
    const absent = library === null ? 'libtensorflow_cc.so.2 or libtensorflow.so.2' : 'libtensorflow_framework.so.2';
    throw new LatchkeyError('missing-file', `${given} has no ${absent}. ${howToGet}`);
  }
  const include = [join(given, 'include'), join(given, 'tensorflow', 'include')].find((folder) =>
    ['c_api.h', join('eager', 'c_api.h')].every((file) => existsSync(join(folder, 'tensorflow', 'c', file))),
  );
  if (include === undefined) {
    throw new LatchkeyError('missing-file', `${given} has TensorFlow's libraries but not its headers. ${howToGet}`);
  }
  await assertProcessor(library);
  const version = headerVersion(include);
  if (version !== null && !version.startsWith('2.')) {
    throw new LatchkeyError(
      'engine-unavailable',
      `${given} is TensorFlow ${version}; tfjs-node needs 2.x, ${testedWheel.split('==')[1]} is tested. ${howToGet}`,
    );
  }
  // Where the files really are: they find their companions relative to themselves.
  const isPythonModule = ownLibrary === null;
  return { include, library: await realpath(library), isPythonModule, framework: await realpath(framework), version };
}

function firstOf(folders: readonly string[], names: readonly string[]): string | null {
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

async function assertProcessor(library: string): Promise<void> {
  const file = await open(library);
  const header = Buffer.alloc(20);
  try {
    await file.read(header, 0, header.length, 0);
  } finally {
    await file.close();
  }
  const isElf = header.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
  if (isElf && header.readUInt16LE(18) === elfMachines[process.arch]) return;
  throw new LatchkeyError(
    'engine-unavailable',
    `${library} is ${isElf ? `for another processor than this machine's (${process.arch})` : 'no library of Linux'}. ${howToGet}`,
  );
}

function headerVersion(include: string): string | null {
  for (const name of ['version.h', 'release_version.h']) {
    const path = join(include, 'tensorflow', 'core', 'public', name);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const parts = ['MAJOR', 'MINOR', 'PATCH'].map((part) =>
      new RegExp(`#define TF_${part}_VERSION (\\d+)`).exec(text)?.at(1),
    );
    if (parts.every((part) => part !== undefined)) return parts.join('.');
  }
  return null;
}

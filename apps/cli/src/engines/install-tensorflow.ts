import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { childEnvironment } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import type { EngineTest } from '@latchkey/vision';
import { installBuild } from './engine-build.ts';
import { installPackage } from './install-package.ts';
import { pythonLibrary } from './python-library.ts';
import { type CommandOptions, runCommand } from './run-command.ts';
import { type TensorflowLibrary, tensorflowIn, tensorflowOfPython } from './tensorflow-library.ts';
import { testInChild } from './test-in-child.ts';

/** The version of TensorFlow.js that Latchkey's own packages have too. */
export const tfjsNode = { name: '@tensorflow/tfjs-node', version: '4.22.0' } as const;

/** Options of an engine's installation. */
export interface InstallOptions {
  /** Folder of engines. */
  readonly engineDir: string;
  readonly modelCacheDir: string;
  /** `auto`, or a folder with what the engine is linked to. */
  readonly from: string;
  readonly signal: AbortSignal;
  /** Told what is done. */
  note(line: string): void;
}

/** Options of {@link installTensorflow}. */
export interface TensorflowInstallOptions extends InstallOptions {
  /** Interpreter that is asked for its TensorFlow and that builds. */
  readonly python: string;
}

/**
 * Builds TensorFlow.js' binding against a TensorFlow of this machine, tests it on a golden encoding in a process of its own,
 * and makes it the installed one. Nothing but the npm package is downloaded (and Node's headers where they are not beside
 * Node): its install script, which fetches another TensorFlow, is not run.
 * @throws LatchkeyError `missing-file` or `engine-unavailable` that say what is missing and where to get it.
 */
export async function installTensorflow(options: TensorflowInstallOptions): Promise<EngineTest> {
  const { engineDir, modelCacheDir, from, python, signal, note } = options;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new LatchkeyError(
      'engine-unavailable',
      `TensorFlow is built on Linux x64 and arm64 only, this is ${process.platform}-${process.arch}; use LATCHKEY_ENGINE=onnx.`,
    );
  }
  await mkdir(engineDir, { recursive: true }).catch(() => undefined);
  const log = join(engineDir, 'install-tensorflow.log');
  await rm(log, { force: true });
  const commands: CommandOptions = { env: childEnvironment({}), signal, log };
  const library = from === 'auto' ? await tensorflowOfPython(python, commands) : await tensorflowIn(from);
  note(`TensorFlow ${library.version ?? 'of unknown version'}: ${library.library}`);
  await assertTools(python, commands);
  const companions = library.isPythonModule ? [await pythonLibrary(python, commands)] : [];
  return installBuild(engineDir, 'tensorflow', async ({ root, engine }) => {
    note(`getting ${tfjsNode.name} ${tfjsNode.version} by npm, without its scripts`);
    await installPackage(engine, tfjsNode, { build: buildScript }, commands);
    await linkLibrary(join(engine, 'node_modules', tfjsNode.name, 'deps'), library);
    note('building its binding');
    await build(engine, library, companions, python, commands);
    note('testing it on a golden encoding');
    return testInChild('tensorflow', { root, modelCacheDir, commands });
  });
}

/** By npm, which knows where its node-gyp is. */
const buildScript = `node node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp -C node_modules/${tfjsNode.name} install --build-from-source`;

async function assertTools(python: string, commands: CommandOptions): Promise<void> {
  const tools = [
    { command: 'c++', args: ['--version'], get: 'a C++ compiler ("apt-get install g++")' },
    { command: 'make', args: ['--version'], get: 'make ("apt-get install make")' },
    { command: python, args: ['--version'], get: 'Python 3 ("apt-get install python3"), which node-gyp runs on' },
    { command: 'npm', args: ['--version'], get: 'npm on the PATH' },
  ];
  const missing: string[] = [];
  for (const { command, args, get } of tools) {
    if (!(await runCommand(command, args, commands)).ok) missing.push(get);
  }
  if (missing.length === 0) return;
  throw new LatchkeyError(
    'missing-file',
    `Building needs what is not here: ${missing.join('; ')}. Then run this again.`,
  );
}

/** Libraries under the names that the package's build asks for, and under those by which they ask for each other. */
async function linkLibrary(deps: string, { include, library, framework }: TensorflowLibrary): Promise<void> {
  const lib = join(deps, 'lib');
  await mkdir(lib, { recursive: true });
  await symlink(include, join(deps, 'include'));
  const links = new Map([
    [basename(library), library],
    ['libtensorflow.so', library],
    ['libtensorflow.so.2', library],
    ['libtensorflow_framework.so', framework],
    ['libtensorflow_framework.so.2', framework],
  ]);
  for (const [name, target] of links) await symlink(target, join(lib, name));
}

async function build(
  engine: string,
  { library, version }: TensorflowLibrary,
  companions: readonly string[],
  python: string,
  commands: CommandOptions,
): Promise<void> {
  const nodeDir = dirname(dirname(process.execPath));
  const headersAreHere = existsSync(join(nodeDir, 'include', 'node', 'node_api.h'));
  // Make could not take other characters.
  const named = [library, ...companions].filter((path) => /^[\w./+-]+$/.test(path));
  const environment = childEnvironment({
    ...commands.env,
    npm_config_nodedir: headersAreHere ? nodeDir : undefined,
    npm_config_python: python,
    // A GPU's TensorFlow finds CUDA relative to where it was really loaded from. What only TensorFlow asks for is linked too.
    LDFLAGS: [
      ...named.map((path) => `-Wl,-rpath,${dirname(path)}`),
      ...named.filter((path) => path !== library).map((path) => `-Wl,--no-as-needed ${path}`),
    ].join(' '),
    PATH: [dirname(process.execPath), commands.env.PATH ?? ''].join(delimiter),
  });
  await writeFile(join(engine, 'linked-to.txt'), `${library}\n`);
  const built = await runCommand('npm', ['run', 'build', '--prefix', engine], {
    ...commands,
    cwd: engine,
    env: environment,
  });
  if (built.ok) return;
  const lines = `${built.stdout}\n${built.stderr}`.split('\n');
  const errors = lines.filter((line) => /\berror\b[:!]|ERR!.*stack Error|cannot find -l/i.test(line));
  const headers = headersAreHere ? '' : ` Node's headers are not beside Node (${nodeDir}) and had to be downloaded.`;
  throw new LatchkeyError(
    'engine-unavailable',
    `The binding could not be built against TensorFlow ${version ?? 'of unknown version'} (${built.end}): ` +
      `${errors.slice(0, 3).join(' | ').trim() || 'see the log'}.${headers} The whole output is in ${commands.log}.`,
  );
}

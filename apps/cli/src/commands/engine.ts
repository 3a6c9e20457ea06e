import { readCliConfig } from '@latchkey/config';
import { benchEngines, type EngineBench, listEngines, readEngineChoice, testEngine } from '@latchkey/vision';
import { Argument, type Command } from 'commander';
import { installCuda } from '../engines/install-cuda.ts';
import { installTensorflow } from '../engines/install-tensorflow.ts';
import { interruptible } from '../engines/interruptible.ts';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';

type Name = 'onnx' | 'tensorflow' | 'wasm';

interface InstallFlags {
  readonly from: string;
  readonly python: string;
}

/** `latchkey engine list|bench|test|install`: the inference engines of this machine. */
export function addEngineCommand(program: Command): void {
  const engine = program.command('engine').description('Inference engines of this machine.');
  addList(engine);
  addBench(engine);
  addTest(engine);
  addInstall(engine);
}

function addList(engine: Command): void {
  const list = engine.command('list').description('Which engines load here, fastest first; why the others do not.');
  list.action(async () => {
    const config = readCliConfig();
    const engines = await listEngines(config);
    const choice = await readEngineChoice(config.engineDir);
    const lines = engines.map(
      ({ name, available, reason }) => `${name.padEnd(11)} ${available ? 'loads' : 'does not load'}: ${reason}`,
    );
    const auto = choice
      ? `${choice.engine}, by "engine bench" of ${choice.measuredAt.slice(0, 10)}: ${choice.faceMs.toFixed(1)} ms a face`
      : 'the first that loads; "latchkey engine bench" measures which is the fastest here';
    outputOf(list).result([...lines, `auto takes ${auto}`].join('\n'), { engines, choice });
    process.exitCode = engines.some(({ available }) => available) ? exitCodes.done : exitCodes.serviceMissing;
  });
}

function addBench(engine: Command): void {
  const bench = engine
    .command('bench')
    .description(
      'Measures every network on every engine, one picture at a time; "auto" takes the fastest from then on.',
    );
  bench.action(async () => {
    const output = outputOf(bench);
    const { modelCacheDir: cacheDir, engineDir, engineThreads } = readCliConfig();
    const onProgress = (line: string): void => output.note(line);
    const measured = await interruptible(output, (signal) =>
      benchEngines({ cacheDir, engineDir, engineThreads, signal, onProgress }),
    );
    if (!measured) return;
    output.result(benchTable(measured), measured);
    process.exitCode = measured.engines.length > 0 ? exitCodes.done : exitCodes.serviceMissing;
  });
}

function benchTable({ engines, times }: EngineBench): string {
  const networks = [...new Set(times.map(({ network }) => network))];
  const width = Math.max(...networks.map((name) => name.length), 'all passes of a face'.length) + 2;
  const row = (title: string, cells: readonly string[]): string =>
    title.padEnd(width) + cells.map((cell) => cell.padStart(12)).join('');
  const ms = (value: number | undefined): string => value?.toFixed(2) ?? '-';
  const [fastest] = engines;
  return [
    row(
      'ms a picture',
      engines.map(({ name }) => name),
    ),
    ...networks.map((network) =>
      row(
        network,
        engines.map(({ name }) => ms(times.find((time) => time.engine === name && time.network === network)?.ms)),
      ),
    ),
    row(
      'all passes of a face',
      engines.map(({ faceMs }) => ms(faceMs)),
    ),
    fastest ? `"auto" takes ${fastest.name} from now on: ${fastest.description}` : 'No engine loads here.',
  ].join('\n');
}

function addTest(engine: Command): void {
  const test = engine
    .command('test')
    .description(
      'Encodes a made-up face on one engine and compares. Exit code 3: it does not load or computes wrongly.',
    )
    .addArgument(new Argument('<engine>', 'engine to test').choices(['onnx', 'tensorflow', 'wasm']));
  test.action(async (name: Name) => {
    const { modelCacheDir, engineDir } = readCliConfig();
    const found = await testEngine(name, modelCacheDir, { engineDir });
    outputOf(test).result(`${found.description}: right to ${found.maxDifference.toExponential(1)}`, found);
    process.exitCode = exitCodes.done;
  });
}

function addInstall(engine: Command): void {
  const install = engine
    .command('install')
    .description(
      'Makes an engine for the hardware of this machine: "tensorflow" builds TensorFlow.js\' binding against a TensorFlow ' +
        'that is here (the way to a Jetson\'s GPU); "cuda" adds ONNX Runtime\'s CUDA libraries (x64; needs CUDA and cuDNN, untested). ' +
        'What was installed before stays until the new one has passed its test.',
    )
    .addArgument(new Argument('<engine>', 'what to install').choices(['tensorflow', 'cuda']))
    .option(
      '--from <dir>',
      'folder of the libraries; auto: the Python package tensorflow, or for cuda a download',
      'auto',
    )
    .option('--python <program>', 'Python whose TensorFlow is taken and that node-gyp runs on', 'python3');
  install.action(async (name: 'tensorflow' | 'cuda', flags: InstallFlags) => {
    const output = outputOf(install);
    const { modelCacheDir, engineDir } = readCliConfig();
    const note = (line: string): void => output.note(line);
    const tested = await interruptible(output, (signal) => {
      const options = { ...flags, engineDir, modelCacheDir, signal, note };
      return name === 'tensorflow' ? installTensorflow(options) : installCuda(options);
    });
    if (!tested) return;
    const lines = [
      `${tested.description} is installed in ${engineDir}; its encoding is right to ${tested.maxDifference.toExponential(1)}.`,
      name === 'cuda' && !tested.description.includes('GPU')
        ? 'It is UNTESTED on a GPU: none starts here. Until one does, it computes on the CPU.'
        : 'Run "latchkey engine bench" to let "auto" choose the fastest.',
    ];
    output.result(lines.join('\n'), { ...tested, engineDir });
    process.exitCode = exitCodes.done;
  });
}

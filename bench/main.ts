import { cpus, release, totalmem } from 'node:os';
import { demoPictures } from './demo-pictures.ts';
import type { Figure } from './figure.ts';

/** Every benchmark by name, told the flags of the command line. Each is loaded when it is asked for. */
const benches: Readonly<Record<string, (flags: readonly string[]) => Promise<readonly Figure[]>>> = {
  accuracy: async () => (await import('./accuracy.ts')).measureAccuracy(),
  detectors: async (flags) => (await import('./detectors.ts')).measureDetectors(flags),
  durability: async (flags) => (await import('./durability.ts')).measureDurability(flags),
  edge: async (flags) => (await import('./edge.ts')).measureEdge(flags),
  encode: async () => (await import('./encode.ts')).measureEncode(),
  faults: async (flags) => (await import('./durability-faults.ts')).measureFaults(flags),
  ingest: async () => (await import('./ingest.ts')).measureIngest(),
  engines: async (flags) => (await import('./engines.ts')).measureEngines(flags),
  'engine-memory': async (flags) => (await import('./engine-memory.ts')).measureEngineMemory(flags),
  'frame-memory': async (flags) => (await import('./frame-memory.ts')).measureFrameMemory(flags),
  'hostile-pictures': async () => (await import('./hostile-pictures.ts')).measureHostilePictures(),
  verify: async () => (await import('./verify.ts')).measureVerify(),
  pipeline: async (flags) => (await import('./pipeline.ts')).measurePipeline(flags),
  search: async (flags) => (await import('./search.ts')).measureSearch(flags),
  'vision-frame': async () => (await import('./vision-frame.ts')).measureVisionFrame(demoPictures()[0] ?? ''),
};

function machine(): string {
  const processors = cpus();
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${memory} GB, ${process.platform} ${release()}, Node ${process.version}`;
}

function asLine({ id, value, unit, goal, higherIsBetter, holds, peer }: Figure): string {
  const ratio = goal > 0 ? `, ${(value / goal).toFixed(2)} of it` : '';
  const bound = Number.isFinite(goal) ? `${higherIsBetter ? 'at least' : 'at most'} ${goal}${ratio}` : 'no goal';
  const beside = peer ? `, ${peer.name}: ${peer.value}` : '';
  return `${holds ? 'ok  ' : 'MISS'} ${id.padEnd(32)} ${value} ${unit} (${bound}${beside})`;
}

// Benches load ONNX Runtime beside ours; neither may report to anybody (libs/vision/src/engines/refuse-telemetry.ts).
process.env.ORT_DISABLE_TELEMETRY = '1';
const [name = '', ...flags] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`Usage: npm run bench -- NAME [--json]; NAME is one of ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
const figures = await bench(flags);
if (flags.includes('--json')) console.log(JSON.stringify({ name, machine: machine(), figures }));
else console.log([machine(), ...figures.map(asLine)].join('\n'));

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CompiledCache } from '../models/compiled-cache.ts';
import { packagedNetworks } from '../networks/packaged-networks.ts';
import { benchEngines } from './bench-engines.ts';
import { forgetEngineChoice, keepEngineChoice, readEngineChoice } from './engine-choice.ts';
import { listEngines, openEngine } from './select-engine.ts';
import { testEngine } from './test-engine.ts';

/** Compiled networks, for all tests: to compile them takes most of the time. */
const networksDir = await mkdtemp(join(tmpdir(), 'latchkey-networks-'));
afterAll(() => rm(networksDir, { recursive: true, force: true }));

let engineDir: string;
beforeEach(async () => {
  engineDir = await mkdtemp(join(tmpdir(), 'latchkey-engines-'));
});
afterEach(() => rm(engineDir, { recursive: true, force: true }));

const reports = await listEngines();
const wasm = {
  engine: 'wasm',
  description: reports.find(({ name }) => name === 'wasm')?.reason ?? '',
  faceMs: 12.5,
} as const;

/** The engine that `auto` opens, and the line that it says. */
async function opened(): Promise<{ name: string; line: string }> {
  let line = '';
  const engine = await openEngine('auto', (said) => (line = said), { engineDir });
  await engine.dispose();
  return { name: engine.name, line };
}

async function change(edit: (choice: Record<string, unknown>) => void): Promise<void> {
  const path = join(engineDir, 'choice.json');
  const choice: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
  edit(choice);
  await writeFile(path, JSON.stringify(choice));
}

describe('the choice of engine bench', () => {
  it('is what auto opens, and the start line says so', async () => {
    await keepEngineChoice(engineDir, wasm);
    expect(await opened()).toEqual({ name: 'wasm', line: expect.stringContaining('by bench: 12.5 ms a face') });
  });

  it('does not overrule an engine that is asked for by name', async () => {
    await keepEngineChoice(engineDir, wasm);
    const engine = await openEngine('onnx', () => undefined, { engineDir });
    expect(engine.name).toBe('onnx');
    await engine.dispose();
  });

  it.each<[string, (choice: Record<string, unknown>) => void]>([
    ['another machine or version of Node or Latchkey', (choice) => (choice.machine = 'linux-arm64, 6 × ARMv8')],
    ['another version of the engine', (choice) => (choice.description = 'TensorFlow.js 3.0.0 in WebAssembly')],
    ['an engine that nobody knows', (choice) => (choice.engine = 'abacus')],
    ['more than it should hold', (choice) => (choice.extra = 1)],
  ])('means nothing when it is of %s', async (_, edit) => {
    await keepEngineChoice(engineDir, wasm);
    await change(edit);
    expect(await opened()).toEqual({ name: 'onnx', line: expect.not.stringContaining('by bench') });
  });

  it('means nothing when its file is damaged, and is forgotten on demand', async () => {
    await writeFile(join(engineDir, 'choice.json'), '{"format":1,"mach');
    expect(await readEngineChoice(engineDir)).toBeNull();
    await keepEngineChoice(engineDir, wasm);
    expect(await readEngineChoice(engineDir)).toMatchObject(wasm);
    await forgetEngineChoice(engineDir);
    expect(await readEngineChoice(engineDir)).toBeNull();
    expect(await readdir(engineDir)).toEqual([]);
  });
});

describe('benchEngines', () => {
  it('measures every network on every engine that loads and keeps the fastest', async () => {
    const { engines, times } = await benchEngines({ cacheDir: networksDir, engineDir, budgetMs: 1 });
    const available = reports.filter(({ available }) => available).map(({ name }) => name);
    expect(engines.map(({ name }) => name).sort()).toEqual([...available].sort());
    const networks = await packagedNetworks(new CompiledCache(networksDir), () => undefined);
    const names = [...networks.map(({ name }) => name), 'nn4-small2-openface', 'nn4-small2-seed'];
    for (const engine of available) {
      expect(times.filter((time) => time.engine === engine).map(({ network }) => network)).toEqual(names);
    }
    for (const { ms } of times) expect(ms).toBeGreaterThan(0);
    expect(engines.map(({ faceMs }) => faceMs)).toEqual(engines.map(({ faceMs }) => faceMs).sort((a, b) => a - b));
    expect(await readEngineChoice(engineDir)).toMatchObject({ engine: engines[0]?.name });
  });

  it('keeps nothing when it is cancelled', async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const bench = benchEngines({
      cacheDir: networksDir,
      engineDir,
      signal: controller.signal,
      onProgress: (line) => {
        lines.push(line);
        if (line.includes('landmarks68')) controller.abort(new Error('cancelled'));
      },
    });
    await expect(bench).rejects.toThrow('cancelled');
    expect(lines.at(-1)).toContain('landmarks68');
    expect(await readEngineChoice(engineDir)).toBeNull();
  });
});

describe('testEngine', () => {
  it.each(reports)('holds $name to the golden encoding, or says why it does not load', async ({ name, available }) => {
    const test = testEngine(name, networksDir, {});
    if (available) expect((await test).maxDifference).toBeLessThan(1e-5);
    else await expect(test).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { NetworkSession, Tensor } from '../engines/inference-engine.ts';
import { listEngines, openOneEngine } from '../engines/select-engine.ts';
import { formatShape } from '../graph/shape.ts';
import { decodeImage } from '../image/decode-image.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { networkCases } from '../reference/network-cases.ts';

const engineDir = process.env.LATCHKEY_ENGINE_DIR;
const names = (await listEngines({ engineDir })).filter(({ available }) => available).map(({ name }) => name);
const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bad-input-'));
const cases = await networkCases(new CompiledCache(cacheDir), decodeImage);
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** An input that is right but for one value in its middle. */
function withValue({ shape, data }: Tensor, value: number): Tensor {
  const copy = Float32Array.from(data);
  copy[copy.length >> 1] = value;
  return { shape, data: copy };
}

const ofShape = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(Math.max(0, Math.trunc(shape.reduce((product, dim) => product * dim, 1)))),
});

const rows = names.flatMap((engine) =>
  cases.map(({ network, inputs }) => [network.name, engine, network, inputs.face] as const),
);

describe.each(rows)('%s on %s', (_, engineName, network, [right = ofShape(1)]) => {
  it('names both shapes of a wrong input, refuses what is not finite, and says when it is gone', async () => {
    const engine = await openOneEngine(engineName, { engineDir });
    const session = await engine.load(network);
    const [batch = 1, channels = 1, height = 1, width = 1] = right.shape;
    const wanted = formatShape(network.inputs[0]?.shape ?? []);
    for (const wrong of [
      ofShape(batch, height, width, channels),
      ofShape(batch, channels, height, width + 1),
      ofShape(batch, channels + 1, height, width),
      ofShape(channels, height, width),
      ofShape(0, channels, height, width),
      ofShape(),
      { shape: right.shape, data: right.data.subarray(1) },
    ]) {
      await expectRefused(session, [wrong], 'shape-mismatch', [formatShape(wrong.shape), `expected ${wanted}`]);
    }
    await expectRefused(session, [], 'shape-mismatch', ['takes 1 inputs, got 0']);
    await expectRefused(session, [right, right], 'shape-mismatch', ['takes 1 inputs, got 2']);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      await expectRefused(session, [withValue(right, value)], 'not-a-number', [network.name]);
    }
    const outputs = await session.run([right]);
    expect(outputs.every(({ data }) => data.every(Number.isFinite))).toBe(true);

    const last = session.run([right]);
    await session.dispose();
    await session.dispose();
    expect(await last).toEqual(outputs);
    await expectRefused(session, [right], 'engine-unavailable', [network.name, 'disposed of']);
    await engine.dispose();
    await engine.dispose();
    await expect(engine.load(network)).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});

async function expectRefused(session: NetworkSession, inputs: Tensor[], code: string, words: string[]): Promise<void> {
  const act = session.run(inputs);
  await expect(act).rejects.toMatchObject({ code });
  for (const word of words) await expect(act).rejects.toThrow(word);
}

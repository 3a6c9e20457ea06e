import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CompiledCache } from './compiled-cache.ts';
import { encoderCard, fivePointCard } from './encoder-card.ts';
import { packageFolder, readAddedModel, readModelFile } from './model-files.ts';
import {
  findModel,
  type ModelFile,
  type OptionalModelEntry,
  readModelManifest,
  readOptionalModels,
} from './model-manifest.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-models-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('weights/manifest.json', () => {
  it('names files that are installed and unchanged', async () => {
    const files = (await readModelManifest()).flatMap((model) => model.files);
    expect(files).toHaveLength(14);
    for (const file of files) expect((await readModelFile(file)).byteLength).toBe(file.bytes);
  });

  it('gives the mirrored encoder another id and shorter distances', async () => {
    const models = await readModelManifest();
    const [plain, mirrored] = [encoderCard(models, false), encoderCard(models, true)];
    expect(mirrored.id).not.toBe(plain.id);
    expect(mirrored.maxDistance).toBeLessThan(plain.maxDistance);
    expect(mirrored.identifyMaxDistance).toBeLessThan(mirrored.maxDistance);
  });

  it('lists what can be added, with an https address and a hash or as a folder', async () => {
    const models = await readOptionalModels();
    expect(models.map((model) => model.name)).toEqual(['yunet', 'mobilefacenet', 'sface', 'nn4-small2']);
    expect(models.filter((model) => model.download?.url.startsWith('https://'))).toHaveLength(3);
    expect(findModel(models, 'nn4-small2').folder?.files).toBe(226);
  });

  it('gives each encoder that can be added a card of its own', async () => {
    const models = await readOptionalModels();
    const cards = (['mobilefacenet', 'sface'] as const).flatMap((name) => [
      fivePointCard(models, name, '1', { pointsOf: null, mirrored: false }),
      fivePointCard(models, name, '2', { pointsOf: null, mirrored: false }),
      fivePointCard(models, name, '1', { pointsOf: 'yunet', mirrored: false }),
      fivePointCard(models, name, '1', { pointsOf: null, mirrored: true }),
      fivePointCard(models, name, '1', { pointsOf: 'yunet', mirrored: true }),
    ]);
    expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
    for (const card of cards) expect(card.identifyMaxDistance).toBeLessThan(card.maxDistance);
  });

  it.each([
    ['is not there', null, 'model-missing'],
    ['is no JSON', '{', 'model-corrupt'],
    ['has another form', '{"schema":2,"models":[]}', 'model-corrupt'],
  ])('is refused when it %s', async (_, content, code) => {
    const path = join(folder, 'manifest.json');
    if (content !== null) await writeFile(path, content);
    await expect(readModelManifest(pathToFileURL(path))).rejects.toMatchObject({ code });
  });

  it('has no entry for a model that nobody described', async () => {
    const models = await readModelManifest();
    expect(() => findModel(models, 'yolo')).toThrow(expect.objectContaining({ code: 'model-missing' }));
  });
});

describe('readAddedModel', () => {
  /** SFace, as if it were these bytes and its variant those. */
  async function entryOf(original: Uint8Array, rounded: Uint8Array): Promise<OptionalModelEntry> {
    const content = (bytes: Uint8Array) => ({
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const sface = findModel(await readOptionalModels(), 'sface');
    const url = 'https://models.example/net.onnx';
    const variants = [{ name: 'half', note: 'rounded', ...content(rounded) }];
    return { ...sface, download: { url, ...content(original) }, variants };
  }

  it('gives a variant another version than the original, and refuses what is neither', async () => {
    const [original, rounded] = [Buffer.from('original'), Buffer.from('rounded')];
    const entry = await entryOf(original, rounded);
    const path = join(folder, 'model.onnx');
    await writeFile(path, original);
    expect(await readAddedModel(entry, path)).toEqual({ bytes: original, version: '2021dec' });
    await writeFile(path, rounded);
    expect(await readAddedModel(entry, path)).toEqual({ bytes: rounded, version: '2021dec-half' });
    await writeFile(path, 'damaged!');
    await expect(readAddedModel(entry, path)).rejects.toMatchObject({ code: 'model-corrupt' });
  });
});

describe('readModelFile', () => {
  const original = async (): Promise<{ file: ModelFile; bytes: Uint8Array }> => {
    const file = findModel(await readModelManifest(), 'landmarks68').files[1];
    if (!file) throw new Error('no weights file');
    return { file, bytes: await readModelFile(file) };
  };
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  };

  it('finds a damaged byte', async () => {
    const { file, bytes } = await original();
    const damaged = new Uint8Array(bytes);
    damaged[1000] = (damaged[1000] ?? 0) ^ 1;
    await put(file.path, damaged);
    await expect(readModelFile(file, folder)).rejects.toMatchObject({ code: 'model-corrupt' });
  });

  it('finds a truncated file', async () => {
    const { file, bytes } = await original();
    await put(file.path, bytes.subarray(0, 1000));
    await expect(readModelFile(file, folder)).rejects.toMatchObject({ code: 'model-corrupt' });
  });

  it('says that a file or a package is missing', async () => {
    const { file } = await original();
    await expect(readModelFile(file, folder)).rejects.toMatchObject({ code: 'model-missing' });
    expect(() => packageFolder('@nobody/has-this')).toThrow(expect.objectContaining({ code: 'model-missing' }));
  });

  it('finds a package in a node_modules folder above', async () => {
    await put('node_modules/@scope/weights/package.json', Buffer.from('{}'));
    const found = packageFolder('@scope/weights', join(folder, 'a', 'b'));
    expect(found).toBe(join(folder, 'node_modules', '@scope', 'weights'));
  });
});

describe('CompiledCache', () => {
  const bytes = Uint8Array.of(1, 2, 3);

  it('compiles once and reads from then on', async () => {
    let compiled = 0;
    const get = () =>
      new CompiledCache(join(folder, 'new')).get('net', ['v1'], async () => {
        compiled++;
        return bytes;
      });
    expect((await get()).from).toBe('sources');
    const second = await get();
    expect(second.from).toBe('cache');
    expect([...second.bytes]).toEqual([1, 2, 3]);
    expect(compiled).toBe(1);
    expect((await readdir(join(folder, 'new'))).every((name) => name.endsWith('.onnx'))).toBe(true);
  });

  it('compiles again for another compiler or other weights', async () => {
    const cache = new CompiledCache(folder);
    await cache.get('net', ['v1'], async () => bytes);
    expect((await cache.get('net', ['v2'], async () => bytes)).from).toBe('sources');
  });

  it('replaces a file that was damaged on disk', async () => {
    const cache = new CompiledCache(folder);
    await cache.get('net', ['v1'], async () => bytes);
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), Uint8Array.of(1, 2, 4));
    const repaired = await cache.get('net', ['v1'], async () => bytes);
    expect(repaired.from).toBe('sources');
    expect([...(await readFile(join(folder, name)))]).toEqual([1, 2, 3]);
  });

  it('works without a folder that can be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const cache = new CompiledCache(join(folder, 'file', 'below'));
    expect([...(await cache.get('net', ['v1'], async () => bytes)).bytes]).toEqual([1, 2, 3]);
  });
});

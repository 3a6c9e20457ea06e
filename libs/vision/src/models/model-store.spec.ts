import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { nn4CsvFiles } from '../networks/nn4-small2/weight-files.ts';
import { LicenceBook } from './licence-book.ts';
import { ModelStore } from './model-store.ts';

const content = Buffer.from('the weights of a network');
const variantContent = Buffer.from('the same weights, rounded');
const spec = [{ name: 'x', shape: ['batch', 3], values: 'any' }];
const common = {
  version: '1',
  task: 'encoder',
  licence: 'MIT',
  licenceUrl: 'https://models.example/LICENSE',
  source: 'https://models.example/',
  origin: 'a test',
  inputs: spec,
  outputs: spec,
};

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let store: ModelStore;
let server: Server;
let mirror: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-store-'));
  const sha256 = sha256Of(content);
  const variant = { name: 'half', bytes: variantContent.length, sha256: sha256Of(variantContent), note: 'rounded' };
  const download = { url: 'https://models.example/net.onnx', bytes: content.length, sha256 };
  const optional = [
    { ...common, name: 'mobilefacenet', download },
    { ...common, name: 'nn4-small2', folder: { format: 'openface-csv', files: 226 } },
    { ...common, name: 'yunet', task: 'detector', download },
    { ...common, name: 'sface', download, variants: [variant] },
  ];
  const file = { package: '@nobody/has-this', path: 'a.bin', bytes: content.length, sha256 };
  const models = [{ ...common, name: 'blazeface', source: 'npm:@nobody/has-this@1.0.0', files: [file] }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ schema: 1, models, optional }));
  store = new ModelStore(join(folder, 'cache'), pathToFileURL(join(folder, 'manifest.json')));
  server = createServer((_, response) => void response.end(content));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  mirror = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const states = async () => Object.fromEntries((await store.list()).map(({ name, state }) => [name, state]));
const modelFile = () => join(folder, 'cache', 'added', 'mobilefacenet', '1', 'model.onnx');

describe('ModelStore', () => {
  it('has what was fetched from a mirror, and lets an encoder be chosen by name', async () => {
    await expect(store.encoder('mobilefacenet')).rejects.toMatchObject({ code: 'model-missing' });
    expect(await store.add('mobilefacenet', { from: mirror })).toMatchObject({ state: 'ready', bytes: 24 });
    expect(await store.encoder('mobilefacenet')).toEqual({ model: 'mobilefacenet', path: modelFile() });
    expect(await store.encoder('dlib-resnet34')).toBeNull();
    for (const name of ['yunet', 'nn4-small2-lax', 'net']) {
      await expect(store.encoder(name)).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });

  it('has what was copied from a file, and fetches nothing that is there', async () => {
    await writeFile(join(folder, 'mine'), content);
    await store.add('mobilefacenet', { file: join(folder, 'mine') });
    await store.add('mobilefacenet');
    expect(await states()).toMatchObject({ mobilefacenet: 'ready', yunet: 'absent' });
    expect(content.equals(await readFile(join(folder, 'mine')))).toBe(true);
  });

  it.each([
    ['is another', async (path: string) => writeFile(path, 'something else'), 'model-corrupt'],
    ['is not there', async () => undefined, 'missing-file'],
    ['is a folder', async (path: string) => mkdir(path), 'invalid-input'],
  ])('takes nothing from a file that %s', async (_, make, code) => {
    await make(join(folder, 'mine'));
    await expect(store.add('mobilefacenet', { file: join(folder, 'mine') })).rejects.toMatchObject({ code });
    expect(await states()).toMatchObject({ mobilefacenet: 'absent' });
  });

  it('keeps the good file when one is offered in its place that is not', async () => {
    await store.add('mobilefacenet', { from: mirror });
    await writeFile(join(folder, 'mine'), 'something else');
    await expect(store.add('mobilefacenet', { file: join(folder, 'mine') })).rejects.toMatchObject({
      code: 'model-corrupt',
    });
    expect(await readdir(join(modelFile(), '..'))).toEqual(['model.onnx']);
    expect(await states()).toMatchObject({ mobilefacenet: 'ready' });
  });

  it('names a damaged file, and gets it anew when it is added again', async () => {
    await store.add('mobilefacenet', { from: mirror });
    await writeFile(modelFile(), Buffer.alloc(content.length));
    const status = await store.status('mobilefacenet');
    expect(status.state).toBe('damaged');
    expect(status.problem).toContain(modelFile());
    await expect(store.encoder('mobilefacenet')).rejects.toMatchObject({ code: 'model-corrupt' });
    expect(await store.add('mobilefacenet', { from: mirror })).toMatchObject({ state: 'ready' });
  });

  it('takes a known variant from a file, says which it is, and puts the original in its place when that is added', async () => {
    const mine = join(folder, 'mine');
    await writeFile(mine, variantContent);
    const variant = { name: 'half', note: 'rounded' };
    expect(await store.add('sface', { file: mine })).toMatchObject({ state: 'ready', bytes: 25, variant });
    expect(await store.status('sface')).toMatchObject({ state: 'ready', problem: null, variant });
    expect(await store.encoder('sface')).toMatchObject({ model: 'sface' });
    expect(await store.add('sface', { from: mirror })).toMatchObject({ state: 'ready', bytes: 24, variant: null });
  });

  it('refuses a file that is neither the original nor a variant, with all hashes, and a variant of another model', async () => {
    const mine = join(folder, 'mine');
    await writeFile(mine, 'something else');
    const act = store.add('sface', { file: mine });
    for (const bytes of [content, variantContent, Buffer.from('something else')]) {
      await expect(act).rejects.toThrow(sha256Of(bytes));
    }
    await writeFile(mine, variantContent);
    await expect(store.add('mobilefacenet', { file: mine })).rejects.toMatchObject({ code: 'model-corrupt' });
    expect(await states()).toMatchObject({ sface: 'absent', mobilefacenet: 'absent' });
  });

  it('removes what was added, and neither what was not nor what comes with Latchkey', async () => {
    await store.add('mobilefacenet', { from: mirror });
    await store.remove('mobilefacenet');
    expect(await states()).toMatchObject({ mobilefacenet: 'absent' });
    await expect(store.remove('mobilefacenet')).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.remove('blazeface')).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(store.remove('net')).rejects.toThrow(/there is blazeface, mobilefacenet, nn4-small2, yunet, sface/);
  });

  it('uses a copy of a package file where the package is not installed', async () => {
    expect(await states()).toMatchObject({ blazeface: 'damaged' });
    const copy = join(folder, 'cache', 'packages', '@nobody', 'has-this');
    await mkdir(copy, { recursive: true });
    await writeFile(join(copy, 'a.bin'), content);
    expect(await states()).toMatchObject({ blazeface: 'ready' });
    await writeFile(join(copy, 'a.bin'), 'something else');
    expect(await states()).toMatchObject({ blazeface: 'damaged' });
  });
});

describe('ModelStore with OpenFace’s CSV files', () => {
  /** All files with the right number of values, each 0. */
  let csv: string;
  beforeAll(async () => {
    csv = await mkdtemp(join(tmpdir(), 'latchkey-csv-'));
    await mkdir(join(csv, 'repository', 'weights'), { recursive: true });
    for (const { name, shape } of nn4CsvFiles) {
      const count = shape.reduce((product, dim) => product * dim, 1);
      await writeFile(join(csv, 'repository', 'weights', `${name}.csv`), `${'0,'.repeat(count - 1)}0\n`);
    }
  });
  afterAll(() => rm(csv, { recursive: true, force: true }));

  it('takes them from a folder or an archive, telling how far it is, and finds a file that was changed later', async () => {
    const archive = join(folder, 'weights.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', csv, 'repository']);
    for (const file of [join(csv, 'repository', 'weights'), archive]) {
      const steps: string[] = [];
      await store.add('nn4-small2', { file, onProgress: (done, total) => steps.push(`${done}/${total}`) });
      expect(steps.at(-1)).toBe('226/226');
      expect(await states()).toMatchObject({ 'nn4-small2': 'ready' });
      const files = join(folder, 'cache', 'added', 'nn4-small2', '1', 'files');
      expect(await store.encoder('nn4-small2-seed')).toEqual({ model: 'nn4-small2', variant: 'seed', folder: files });
      expect(await readdir(join(files, '..'))).toEqual(['files']);
      await appendFile(join(files, 'conv1_w.csv'), ' ');
      expect((await store.status('nn4-small2')).problem).toMatch(/files were changed/);
    }
  });

  it.each([
    ['lacks a file', (file: string) => rm(file), 'model-missing', /bn1_w\.csv/],
    [
      'has a value that is none',
      (file: string) => writeFile(file, 'NaN'),
      'model-corrupt',
      /bn1_w\.csv: value 1 is NaN/,
    ],
  ])('takes nothing of an archive that %s, and names the file and the archive', async (_, spoil, code, message) => {
    execFileSync('cp', ['-r', csv, join(folder, 'spoilt')]);
    await spoil(join(folder, 'spoilt', 'repository', 'weights', 'bn1_w.csv'));
    const file = join(folder, 'weights.tar');
    execFileSync('tar', ['-cf', file, '-C', join(folder, 'spoilt'), 'repository']);
    const act = store.add('nn4-small2', { file });
    await expect(act).rejects.toMatchObject({ code });
    await expect(act).rejects.toThrow(message);
    expect(await states()).toMatchObject({ 'nn4-small2': 'absent' });
    expect(await readdir(join(folder, 'cache', 'added', 'nn4-small2', '1'))).toEqual([]);
  });

  it('says that they have no address', async () => {
    await expect(store.add('nn4-small2')).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('LicenceBook', () => {
  it('remembers an acceptance for this licence and version alone', async () => {
    const model = { name: 'net', version: '1', licence: 'MIT' };
    const book = new LicenceBook(folder);
    expect(await book.isAccepted(model)).toBe(false);
    await book.accept(model, new Date(0));
    expect(await new LicenceBook(folder).isAccepted(model)).toBe(true);
    expect(await book.isAccepted({ ...model, licence: 'AGPL-3.0' })).toBe(false);
    expect(await book.isAccepted({ ...model, version: '2' })).toBe(false);
  });
});

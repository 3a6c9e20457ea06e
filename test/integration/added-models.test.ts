import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { nn4IsThere, unpackNn4 } from './vision-nn4-weights.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const shared = new URL('../../../shared/models/', import.meta.url);
const mobilefacenet = fileURLToPath(new URL('mobilefacenet.onnx', shared));
const sface = fileURLToPath(new URL('sface-fp16-weights.onnx', shared));
const modelsAreThere = existsSync(mobilefacenet);
if (!modelsAreThere) console.warn('MobileFaceNet is not beside the repository: its test is skipped.');
if (!nn4IsThere) console.warn('The weights of nn4.small2 are not beside the repository: their test is skipped.');

const fromVision = createRequire(new URL('../../libs/vision/package.json', import.meta.url));
const samples = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');

let folder: string;
let gallery: string;
let anna: string;
let stranger: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-added-'));
  gallery = join(folder, 'gallery');
  anna = join(folder, 'anna.jpg');
  stranger = join(folder, 'stranger.png');
  await mkdir(join(gallery, 'train'), { recursive: true });
  const cut = (number: number, left: number, top: number, size: number) =>
    sharp(join(samples, `sample${number}.jpg`)).extract({ left, top, width: size, height: size });
  await cut(1, 1300, 100, 560).toFile(join(gallery, 'train', 'anna1.png'));
  await cut(1, 337, 315, 350).toFile(join(gallery, 'train', 'ben1.png'));
  await cut(1, 1300, 100, 560).flop().resize(500).jpeg().toFile(anna);
  await cut(6, 1360, 200, 460).toFile(stranger);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The compiled command, as a user runs it. */
function latchkey(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: join(folder, 'cache') };
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const withModel = (model: string) => ['--gallery', gallery, '--model', model];

(modelsAreThere ? describe : describe.skip)('MobileFaceNet, added by a user', () => {
  let server: Server;
  let mirror: string;
  const ranges: (string | undefined)[] = [];
  beforeAll(async () => {
    const bytes = await readFile(mobilefacenet);
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const headers = { etag: '"v1"', 'content-length': bytes.length - from };
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, 'content-range': range } : headers);
      // The line holds for a million bytes at a time.
      const end = from + 1_000_000;
      response.write(bytes.subarray(from, end), () =>
        end < bytes.length ? setTimeout(() => response.destroy(), 50) : response.end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    mirror = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is not used before it was added', async () => {
    const { code, stderr } = await latchkey('recognize', anna, ...withModel('mobilefacenet'));
    expect(stderr).toMatch(/model-missing: .*run "latchkey models add mobilefacenet"/);
    expect(code).toBe(3);
  });

  it('arrives whole over a line that breaks again and again', async () => {
    const { code, stdout } = await latchkey('models', 'add', 'mobilefacenet', '--from', mirror, '--accept-licence');
    expect(stdout).toBe('mobilefacenet is ready (4.0 MB, SHA-256 checked)\n');
    expect(code).toBe(0);
    // What of a million bytes arrived before the line broke is asked for no second time.
    const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')?.[1]));
    expect(starts.length).toBeGreaterThanOrEqual(4);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    const [version = ''] = await readdir(join(folder, 'cache', 'added', 'mobilefacenet'));
    expect(await readdir(join(folder, 'cache', 'added', 'mobilefacenet', version))).toEqual(['model.onnx']);
    expect((await latchkey('models', 'verify', 'mobilefacenet')).stdout).toMatch(/: good$/m);
  });

  it('tells people apart in every command', async () => {
    const model = withModel('mobilefacenet');
    const { stdout: verified } = await latchkey('verify', anna, 'anna', ...model);
    expect(verified).toMatch(/^It's anna, welcome home!\n/);
    const recognized = JSON.parse((await latchkey('recognize', anna, ...model, '--json')).stdout);
    expect(recognized).toMatchObject({ granted: true, name: 'anna', maxDistance: 1.094 });
    expect((await latchkey('recognize', stranger, ...model)).code).toBe(1);
    expect((await latchkey('enroll', 'cleo', stranger, ...model)).code).toBe(0);
    expect((await latchkey('recognize', stranger, ...model)).stdout).toMatch(/^it's cleo/);
    const encoded = JSON.parse((await latchkey('encode', anna, '--model', 'mobilefacenet', '--json')).stdout);
    expect(encoded).toMatchObject({ modelId: 'mobilefacenet@foamliu-22d3e78/five112' });
  });

  it('is not used when it was damaged, and not missed after it was removed', async () => {
    const [version = ''] = await readdir(join(folder, 'cache', 'added', 'mobilefacenet'));
    await appendFile(join(folder, 'cache', 'added', 'mobilefacenet', version, 'model.onnx'), ' ');
    const damaged = await latchkey('encode', anna, '--model', 'mobilefacenet');
    expect([damaged.code, damaged.stderr]).toEqual([3, expect.stringContaining('model-corrupt')]);
    expect((await latchkey('models', 'verify')).code).toBe(1);
    expect((await latchkey('models', 'remove', 'mobilefacenet')).code).toBe(0);
    const { code, stderr } = await latchkey('encode', anna, '--model', 'mobilefacenet');
    expect([code, stderr]).toEqual([3, expect.stringContaining('model-missing')]);
    expect((await latchkey('encode', anna)).code).toBe(0);
  });

  it('may be added by two commands at once', async () => {
    const add = () => latchkey('models', 'add', 'mobilefacenet', '--from', mirror);
    expect((await Promise.all([add(), add()])).map(({ code }) => code)).toEqual([0, 0]);
    const [version = ''] = await readdir(join(folder, 'cache', 'added', 'mobilefacenet'));
    expect(await readdir(join(folder, 'cache', 'added', 'mobilefacenet', version))).toEqual(['model.onnx']);
    expect((await latchkey('models', 'verify', 'mobilefacenet')).code).toBe(0);
  });

  it('may be a known variant, whose encodings have a name of their own, and nothing else', async () => {
    const add = (file: string) => latchkey('models', 'add', 'sface', '--file', file, '--accept-licence');
    const damaged = join(folder, 'damaged.onnx');
    await copyFile(sface, damaged);
    await appendFile(damaged, ' ');
    const refused = await add(damaged);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringMatching(/model-corrupt: .* 19479872 bytes/)]);
    expect((await add(sface)).code).toBe(0);
    const encoded = JSON.parse((await latchkey('encode', anna, '--model', 'sface', '--json')).stdout);
    expect(encoded).toMatchObject({ modelId: 'sface@2021dec-fp16/five112' });
  });
});

(nn4IsThere ? describe : describe.skip)('nn4.small2, added by a user', () => {
  let csv: string;
  beforeAll(async () => {
    csv = await unpackNn4();
  }, 180_000);
  afterAll(() => rm(csv, { recursive: true, force: true }));

  it('is refused as an archive that lacks files, which are named', async () => {
    const archive = fileURLToPath(new URL('../nn4/openface-csv-weights.tar.xz', shared));
    const { code, stderr } = await latchkey('models', 'add', 'nn4-small2', '--file', archive, '--accept-licence');
    expect(stderr).toMatch(
      /model-missing: 5 of 226 weight files .*openface-csv-weights\.tar\.xz.*inception_5a_1x1_conv_w/,
    );
    expect(code).toBe(3);
  });

  it('comes from a folder, and encodes in both variants', async () => {
    const { code, stderr } = await latchkey('models', 'add', 'nn4-small2', '--file', csv, '--accept-licence');
    expect(stderr).toMatch(/nn4-small2: 226 of 226 files/);
    expect(code).toBe(0);
    const encoded = async (model: string) =>
      JSON.parse((await latchkey('encode', anna, '--model', model, '--json')).stdout);
    const [openface, seed] = [await encoded('nn4-small2'), await encoded('nn4-small2-seed')];
    expect(openface.modelId).toMatch(/^nn4-small2-openface@/);
    expect(seed.modelId).toMatch(/^nn4-small2-seed@/);
    expect(Math.hypot(...seed.values)).toBeCloseTo(1, 5);
    const { code: verified } = await latchkey('verify', anna, 'anna', ...withModel('nn4-small2'), '--policy', 'seed');
    expect(verified).toBe(0);
  }, 180_000);
});

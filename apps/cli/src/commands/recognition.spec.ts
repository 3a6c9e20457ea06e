import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
const samples = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');

let gallery: string;
/** Compiled networks and kept encodings of these tests alone. */
let modelCache: string;
/** Of Anna, mirrored and scaled, so that no distance is 0. */
let anna: string;
/** Of somebody who is not in the gallery. */
let stranger: string;

/** One face of a sample picture, alone. */
const cut = (number: number, left: number, top: number, size: number) =>
  sharp(join(samples, `sample${number}.jpg`))
    .extract({ left, top, width: size, height: size })
    .png()
    .toBuffer();

/** Pixels of a picture. */
const raw = (path: string) => sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });

beforeAll(async () => {
  gallery = mkdtempSync(join(tmpdir(), 'latchkey-gallery-'));
  modelCache = mkdtempSync(join(tmpdir(), 'latchkey-models-'));
  mkdirSync(join(gallery, 'train'));
  const first = await cut(1, 1300, 100, 560);
  const second = await cut(1, 337, 315, 350);
  const third = await cut(6, 1360, 200, 460);
  writeFileSync(join(gallery, 'train', 'anna1.png'), first);
  writeFileSync(join(gallery, 'train', 'ben_1.png'), second);
  anna = join(gallery, 'probe.jpg');
  stranger = join(gallery, 'stranger.png');
  await sharp(first).flop().resize(500).jpeg().toFile(anna);
  writeFileSync(stranger, third);
});

afterAll(() => {
  for (const folder of [gallery, modelCache]) rmSync(folder, { recursive: true, force: true });
});

/** A picture of a second stranger. */
async function newcomer(): Promise<string> {
  const file = join(gallery, 'newcomer.png');
  writeFileSync(file, await cut(6, 560, 280, 440));
  return file;
}

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The compiled command over the gallery, as a user runs it. */
const latchkey = (...args: string[]): Promise<Answer> => latchkeyIn(gallery, ...args);

const latchkeyIn = (folder: string, ...args: string[]): Promise<Answer> => run(...args, '--gallery', folder);

function run(...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: modelCache };
    const child = spawn(process.execPath, [cli, ...args], { env });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

describe('latchkey verify', () => {
  it('welcomes the person whose face it is, as the seed does', async () => {
    const { code, stdout } = await latchkey('verify', anna, 'anna');
    expect(stdout).toMatch(/^It's anna, welcome home!\n\(0\.[0-4]\d{3}, true\)\n$/);
    expect(code).toBe(0);
  });

  it('sends everybody else away', async () => {
    const { code, stdout } = await latchkey('verify', anna, 'ben');
    expect([stdout, code]).toEqual(["It's not ben, please go away\n", 1]);
  });

  it('gives distance and answer also to those it sends away, with the policy seed', async () => {
    const { code, stdout } = await latchkey('verify', anna, 'ben', '--policy', 'seed', '--model', 'dlib-resnet34');
    expect(stdout).toMatch(/^It's not ben, please go away\n\([01]\.\d{4}, false\)\n$/);
    expect(code).toBe(1);
  });

  it('says who is there when the name is not', async () => {
    const { code, stderr } = await latchkey('verify', anna, 'carl');
    expect(stderr).toMatch(/not-found: "carl" is not in the gallery; there is anna, ben/);
    expect(code).toBe(1);
  });
});

describe('latchkey recognize', () => {
  it('names the person and the distance', async () => {
    const { code, stdout } = await latchkey('recognize', anna);
    expect(stdout).toMatch(/^it's anna, the distance is 0\.[0-4]\d{3}\n$/);
    expect(code).toBe(0);
  });

  it.each([
    ['door', 'by the model’s card', []],
    ['seed', 'on another encoder than the seed’s', ['--model', 'dlib-resnet34']],
  ])('does not know a stranger, with the policy %s %s', async (policy, _, flags) => {
    const { code, stdout } = await latchkey('recognize', stranger, '--policy', policy, ...flags);
    expect([stdout, code]).toEqual(['Not in the database.\n', 1]);
  });

  it('tells machines the numbers that it decided by', async () => {
    const { stdout } = await latchkey('recognize', anna, '--json');
    const verdict = JSON.parse(stdout);
    expect(verdict).toMatchObject({ granted: true, name: 'anna' });
    expect(verdict.distance).toBeLessThan(verdict.maxDistance);
    expect(verdict.margin).toBeGreaterThan(0.04);
  });
});

describe('latchkey recognize of several people', () => {
  /** Anna and Ben are on it, and a third person. */
  const group = join(samples, 'sample1.jpg');

  it('wants to be told that all of them are meant', async () => {
    const { code, stderr } = await latchkey('recognize', group);
    expect(stderr).toMatch(/several-faces: 3 faces/);
    expect(code).toBe(2);
  });

  it('answers for each with --all, in a line each and as JSON', async () => {
    const { code, stdout } = await latchkey('recognize', group, '--all');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(stdout).toMatch(/^face \d at 1\d{3}, 2\d\d \(\d+ × \d+\): it's anna, the distance is 0\.[0-4]\d{3}$/m);
    expect(stdout).toMatch(/: it's ben, the distance is 0\.[0-4]\d{3}$/m);
    expect(stdout).toMatch(/: Not in the database\.$/m);
    expect(code).toBe(0);
    const { granted, faces } = JSON.parse((await latchkey('recognize', group, '--all', '--json')).stdout);
    expect(granted).toBe(true);
    expect(faces.map(({ name }: { name: string | null }) => name).sort()).toEqual(['anna', 'ben', null]);
  });

  it('draws boxes and names on a copy of the picture', async () => {
    const out = join(gallery, 'annotated.png');
    expect((await latchkey('recognize', group, '--annotate', out)).code).toBe(0);
    const [before, after] = await Promise.all([raw(group), raw(out)]);
    expect(after.info).toMatchObject({ width: before.info.width, height: before.info.height });
    const isChanged = (x: number, y: number): boolean => {
      const at = (y * before.info.width + x) * 3;
      return before.data.compare(after.data, at, at + 3, at, at + 3) !== 0;
    };
    const { faces } = JSON.parse((await latchkey('recognize', group, '--all', '--json')).stdout);
    for (const { box } of faces) {
      expect(isChanged(Math.round(box.x) + 1, Math.round(box.y + box.height / 2))).toBe(true);
      expect(isChanged(Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2))).toBe(false);
    }
    rmSync(out);
  });

  it.each([
    ['out.bmp', /invalid-input: .*\.jpg or \.png/, 2],
    ['nowhere/out.png', /missing-file: .*nowhere/, 3],
  ])('does not begin when %s cannot be written', async (name, message, exitCode) => {
    const { code, stderr } = await latchkey('recognize', group, '--annotate', join(gallery, name));
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCode);
  });

  it('does not draw on the picture itself', async () => {
    const { code, stderr } = await latchkey('recognize', anna, '--annotate', anna);
    expect(stderr).toMatch(/write over/);
    expect(code).toBe(2);
  });

  it('names the nearest people with --top', async () => {
    const { stdout } = await latchkey('recognize', anna, '--top', '5');
    expect(stdout).toMatch(/^it's anna.*\n {2}1\. anna 0\.\d{4}\n {2}2\. ben \d\.\d{4}\n$/);
  });
});

describe('the encodings of a gallery', () => {
  const kept = () => {
    const folder = join(modelCache, 'encodings');
    return readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  };

  it('are kept for their owner alone, and go with their pictures', async () => {
    const folder = join(gallery, 'kept');
    mkdirSync(folder);
    copyFileSync(join(gallery, 'train', 'anna1.png'), join(folder, 'anna.png'));
    copyFileSync(join(gallery, 'train', 'ben_1.png'), join(folder, 'ben.png'));
    const before = kept().map(({ name }) => name);
    const mine = () => kept().filter(({ name }) => !before.includes(name));
    const first = await latchkeyIn(folder, 'verify', anna, 'anna', '--json', '--no-cache');
    expect(mine()).toEqual([]);
    const second = await latchkeyIn(folder, 'verify', anna, 'anna', '--json');
    const third = await latchkeyIn(folder, 'verify', anna, 'anna', '--json');
    expect([second.stdout, third.stdout]).toEqual([first.stdout, first.stdout]);
    const [store] = mine();
    expect(store?.text.match(/"sha256"/g)).toHaveLength(2);
    expect(statSync(join(modelCache, 'encodings', store?.name ?? '')).mode & 0o777).toBe(0o600);
    rmSync(join(folder, 'ben.png'));
    await latchkeyIn(folder, 'verify', anna, 'anna');
    expect(mine()[0]?.text.match(/"sha256"/g)).toHaveLength(1);
  });

  it('with and without the mirrored face are apart: neither is compared with, or deletes, the other', async () => {
    const folder = join(gallery, 'both');
    mkdirSync(folder);
    copyFileSync(join(gallery, 'train', 'anna1.png'), join(folder, 'anna.png'));
    const before = kept().map(({ name }) => name);
    const distance = async (...flags: string[]): Promise<number> =>
      JSON.parse((await latchkeyIn(folder, 'verify', anna, 'anna', '--json', ...flags)).stdout).distance;
    const [mirrored, plain, again] = [await distance(), await distance('--no-mirrored'), await distance('--mirrored')];
    expect(plain).not.toBe(mirrored);
    expect(again).toBe(mirrored);
    const mine = kept().filter(({ name }) => !before.includes(name));
    expect(mine.map(({ name }) => name.includes('chip150-mirrored')).sort()).toEqual([false, true]);
    expect(mine.map(({ text }) => text.match(/"sha256"/g)?.length)).toEqual([1, 1]);
  });

  it('are of pictures that show one person; the others are named with the reason, also out of the cache', async () => {
    const folder = join(gallery, 'mixed');
    mkdirSync(folder);
    copyFileSync(join(gallery, 'train', 'anna1.png'), join(folder, 'anna.png'));
    copyFileSync(join(samples, 'sample1.jpg'), join(folder, 'group.jpg'));
    writeFileSync(join(folder, 'notes.jpg'), 'no picture');
    const codes = async () =>
      JSON.parse((await latchkeyIn(folder, 'recognize', anna, '--json')).stdout).leftOut.map(
        ({ file, code }: { file: string; code: string }) => [basename(file), code],
      );
    const expected = [
      ['group.jpg', 'several-faces'],
      ['notes.jpg', 'not-an-image'],
    ];
    expect([await codes(), await codes()]).toEqual([expected, expected]);
  });
});

describe('latchkey encode', () => {
  it('prints CSV with a header, and a line for each face with --all', async () => {
    const { code, stdout } = await run('encode', anna, join(samples, 'sample1.jpg'), '--csv', '--all');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows.map((row) => row.length)).toEqual([135, 135, 135, 135, 135]);
    expect(rows[0]?.slice(0, 8)).toEqual(['file', 'modelId', 'x', 'y', 'width', 'height', 'quality', 'v0']);
    expect(rows[1]?.slice(0, 2)).toEqual([anna, expect.stringMatching(/^dlib-resnet34@/)]);
    expect(code).toBe(0);
  });

  it('names the model by whether the mirrored face counts', async () => {
    const { stdout } = await run('encode', anna, '--no-mirrored');
    expect(stdout.split('\t')[1]).toMatch(/^dlib-resnet34@.*\/chip150$/);
  });
});

describe('latchkey enroll', () => {
  it('makes a stranger known, and refuses what is no face without keeping it', async () => {
    const { code, stdout } = await latchkey('enroll', 'cleo', stranger, cli);
    expect(stdout).toMatch(/stranger\.png: enrolled as cleo\n.*main\.js: not-an-image/);
    expect(code).toBe(2);
    expect(readdirSync(join(gallery, 'train'))).toEqual(['anna1.png', 'ben_1.png', 'cleo1.png']);
    expect((await latchkey('recognize', stranger)).stdout).toMatch(/^it's cleo/);
  });
});

describe('latchkey enroll of a face that fits badly', () => {
  const names = () => readdirSync(join(gallery, 'train'));

  it('refuses one that is like another person’s, and takes it with --force', async () => {
    const { code, stdout } = await latchkey('enroll', 'eve', anna);
    expect(stdout).toMatch(/near-another-person: .*probe\.jpg" is like that of anna/);
    expect(code).toBe(2);
    expect(names()).not.toContain('eve1.jpg');
    const forced = await latchkey('enroll', 'eve', anna, '--force');
    expect([forced.stdout, forced.code]).toEqual([`${anna}: enrolled as eve\n`, 0]);
    expect(forced.stderr).toMatch(/near-another-person/);
    rmSync(join(gallery, 'train', 'eve1.jpg'));
  });

  it('refuses one that is unlike the person’s others', async () => {
    const { code, stdout } = await latchkey('enroll', 'ben', await newcomer(), '--json');
    const [result] = JSON.parse(stdout).results;
    expect(result).toMatchObject({ accepted: false, code: 'far-from-own-photos' });
    expect(code).toBe(2);
  });

  it('makes the gallery when there is none yet', async () => {
    const folder = join(gallery, 'new');
    const { code } = await latchkeyIn(folder, 'enroll', 'anna', anna);
    expect([code, readdirSync(folder)]).toEqual([0, ['anna1.jpg']]);
  });
});

describe('latchkey enroll of a bad picture', () => {
  it('refuses a face that central would refuse too, and does not keep it', async () => {
    const dark = join(gallery, 'dark.jpg');
    await sharp(stranger).modulate({ brightness: 0.08 }).jpeg().toFile(dark);
    const before = readdirSync(join(gallery, 'train'));
    const { code, stdout } = await latchkey('enroll', 'dora', dark);
    expect(stdout).toMatch(/dark\.jpg: low-quality: .*quality \d+ of 100/);
    expect(code).toBe(2);
    expect(readdirSync(join(gallery, 'train'))).toEqual(before);
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    [['verify'], /missing required argument/],
    [['nonsense'], /unknown command/],
    [['recognize', 'x.jpg', '--server', 'http://127.0.0.1:1'], /--gallery or --server, not both/],
    [['recognize', 'x.jpg', '--policy', 'lenient'], /Allowed choices are door, seed/],
  ])('%j is bad input', async (args, message) => {
    const { code, stderr } = await latchkey(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    [['recognize', 'x.jpg', '--mirrored', '--server', 'http://127.0.0.1:1'], /go with --gallery/],
    [['encode', 'x.jpg', '--mirrored', '--policy', 'seed'], /leave --mirrored out/],
  ])('%j asks for mirrored faces where there are none', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
const samples = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');

let gallery: string;
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

beforeAll(async () => {
  gallery = mkdtempSync(join(tmpdir(), 'latchkey-gallery-'));
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

afterAll(() => rmSync(gallery, { recursive: true, force: true }));

/** The compiled command, as a user runs it. */
function latchkey(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args, '--gallery', gallery]);
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

describe('latchkey enroll', () => {
  it('makes a stranger known, and refuses what is no face without keeping it', async () => {
    const { code, stdout } = await latchkey('enroll', 'cleo', stranger, cli);
    expect(stdout).toMatch(/stranger\.png: enrolled as cleo\n.*main\.js: not-an-image/);
    expect(code).toBe(2);
    expect(readdirSync(join(gallery, 'train'))).toEqual(['anna1.png', 'ben_1.png', 'cleo1.png']);
    expect((await latchkey('recognize', stranger)).stdout).toMatch(/^it's cleo/);
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
});

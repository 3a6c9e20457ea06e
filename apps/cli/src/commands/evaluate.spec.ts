import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
const samples = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');

let folder: string;
let images: string;
/** Three people with four pictures each. */
const people = ['anna', 'ben', 'cleo & <co>'] as const;
const cuts = { anna: [1, 1300, 100, 560], ben: [1, 337, 315, 350], 'cleo & <co>': [6, 1360, 200, 460] } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-evaluate-'));
  images = join(folder, 'images');
  for (const name of people) {
    const [number, left, top, size] = cuts[name];
    const face = await sharp(join(samples, `sample${number}.jpg`))
      .extract({ left, top, width: size, height: size })
      .toBuffer();
    mkdirSync(join(images, name), { recursive: true });
    for (const [i, width] of [350, 300, 250, 200].entries()) {
      const picture = sharp(face)
        .resize(width)
        .flop(i % 2 === 1);
      await picture.jpeg().toFile(join(images, name, `${i}.jpg`));
    }
  }
  await sharp({ create: { width: 250, height: 250, channels: 3, background: '#777' } })
    .jpeg()
    .toFile(join(images, 'wall.jpg'));
  writeFileSync(join(images, 'notes.jpg'), 'no picture');
  writeFileSync(join(folder, 'pairs.csv'), ['imageA,imageB,same', ...pairs()].join('\n'));
  writeFileSync(
    join(folder, 'hard.csv'),
    ['imageA,imageB,same', ...pairs(), 'wall.jpg,anna/0.jpg,0', 'notes.jpg,anna/0.jpg,1'].join('\n'),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Six of one person, six of two. */
function pairs(): string[] {
  const same = people.flatMap((name) => [`"${name}/0.jpg","${name}/1.jpg",1`, `"${name}/2.jpg","${name}/3.jpg",1`]);
  const different = [0, 1].flatMap((i) =>
    people.map((name, at) => `"${name}/${i}.jpg","${people[(at + 1) % 3]}/${i}.jpg",0`),
  );
  return [...same, ...different];
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The compiled command, as a user runs it; `watch` is called with the process. */
function latchkey(args: readonly string[], watch: (kill: () => void) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: join(folder, 'models') };
    const child = spawn(process.execPath, [cli, ...args], { env });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.once('close', (code) => resolve({ code, ...said }));
    watch(() => child.kill('SIGINT'));
  });
}

const evaluate = (file: string, ...more: string[]) =>
  latchkey(['evaluate', '--images', images, '--pairs', join(folder, file), ...more]);

/** Lines that the store of encodings holds. */
function kept(): number {
  const store = join(folder, 'models', 'encodings');
  if (!existsSync(store)) return 0;
  return readdirSync(store).flatMap((name) => readFileSync(join(store, name), 'utf8').trim().split('\n')).length;
}

describe('latchkey evaluate', () => {
  it('goes on where it was cut off, without encoding a picture twice', async () => {
    const args = ['evaluate', '--images', images, '--pairs', join(folder, 'pairs.csv')];
    let timer: NodeJS.Timeout | undefined;
    const cut = await latchkey(args, (kill) => {
      timer = setInterval(() => {
        if (kept() === 0) return;
        clearInterval(timer);
        kill();
      }, 5);
    });
    clearInterval(timer);
    const before = kept();
    expect([0, 130]).toContain(cut.code);
    if (cut.code === 130) expect(cut.stderr).toMatch(/Cancelled; encodings so far are kept/);
    expect(before).toBeGreaterThan(0);
    expect((await latchkey(args)).code).toBe(0);
    expect(kept()).toBe(12);
    await latchkey(args);
    expect(kept()).toBe(12);
  });

  it('gives machines exactly the agreed figures', async () => {
    const { code, stdout } = await evaluate('pairs.csv', '--json');
    expect(JSON.parse(stdout)).toEqual({
      models: [
        {
          model: 'dlib-resnet34@face-api-1.7.15/chip150-mirrored',
          detector: 'blazeface',
          pairs: 12,
          missedImages: 0,
          accuracy: 1,
          threshold: expect.any(Number),
          auc: 1,
          eer: 0,
          tarAtFmr: { '0.01': 1, '0.001': 1 },
          msPerImage: expect.any(Number),
        },
      ],
    });
    expect(code).toBe(0);
  });

  it('measures a model without the mirrored face when told so', async () => {
    const { code, stdout } = await evaluate('pairs.csv', '--no-mirrored', '--json');
    expect(JSON.parse(stdout).models).toMatchObject([{ model: 'dlib-resnet34@face-api-1.7.15/chip150', accuracy: 1 }]);
    expect(code).toBe(0);
  });

  it('counts pairs with a missed face or an unreadable picture as wrong, and says which picture that is', async () => {
    const { code, stdout, stderr } = await evaluate('hard.csv');
    expect(stderr).toMatch(/counts as missed: .*notes\.jpg: The bytes are no JPEG/);
    expect(stdout).toMatch(/chip150-mirrored +blazeface +14 +2 +0\.8/);
    expect(code).toBe(0);
    const [model] = JSON.parse((await evaluate('hard.csv', '--json')).stdout).models;
    // 6 of 7 genuine pairs nearer than 6 of 7 impostor pairs; the missed impostor pair lets everybody in.
    expect(model).toMatchObject({ pairs: 14, missedImages: 2, tarAtFmr: { '0.01': 0, '0.001': 0 } });
    expect(model.auc).toBeCloseTo(36 / 49, 12);
  });

  it('writes a page that needs nothing beside itself and shows names as they are', async () => {
    const page = join(folder, 'report.html');
    const { code } = await evaluate('hard.csv', '--report', page);
    expect(code).toBe(0);
    const html = readFileSync(page, 'utf8');
    expect(html.match(/<svg /g)).toHaveLength(2);
    expect(html.match(/src="data:image\/jpeg;base64,/g)?.length).toBeGreaterThan(20);
    expect(html).not.toMatch(/(?:src|href)="(?!data:)|<script|@import|url\(/);
    expect(html).toContain('cleo &amp; &lt;co&gt;/0.jpg');
    expect(html).not.toContain('<co>');
    expect(html).toMatch(/No face found: 2/);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('names every bad line, and takes no picture before', async () => {
    writeFileSync(
      join(folder, 'bad.csv'),
      'imageA,imageB,same\nanna/0.jpg,anna/1.jpg,1\nanna/0.jpg\nanna/0.jpg,ben/0.jpg,no\n',
    );
    const { code, stderr } = await evaluate('bad.csv');
    expect(stderr).toMatch(
      /invalid-input: .*bad\.csv:3: 1 fields; expected 3.*\n.*bad\.csv:4: same is "no"; expected 1 or 0/,
    );
    expect(code).toBe(2);
  });

  it('names pictures that are not there by the line that asks for them', async () => {
    writeFileSync(join(folder, 'gone.csv'), 'imageA,imageB,same\nanna/0.jpg,anna/9.jpg,1\n');
    const { code, stderr } = await evaluate('gone.csv');
    expect(stderr).toMatch(/missing-file: .*gone\.csv:2: .*9\.jpg is not there/);
    expect(code).toBe(3);
  });

  it.each([
    [['--models', 'dlib-resnet34,sface'], /sface is not here yet; run "latchkey models add sface"/, 3],
    [['--models', 'nonsense'], /"nonsense" is no encoder/, 2],
    [['--models', ','], /--models is empty/, 2],
    [['--report', join('nowhere', 'at all', 'report.html')], /The folder .* of --report is not there/, 3],
  ])('%j: %s, exit code %d', async (flags, message, exitCode) => {
    const { code, stderr } = await evaluate('pairs.csv', ...flags);
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCode);
  });

  it('without pairs is bad input', async () => {
    const { code, stderr } = await latchkey(['evaluate', '--images', images]);
    expect(stderr).toMatch(/required option '--pairs <file>' not specified/);
    expect(code).toBe(2);
  });
});

describe('latchkey calibrate', () => {
  const calibrate = (...flags: string[]) => latchkey(['calibrate', '--images', images, ...flags]);

  it('gives the distance for a rate, and what it rests on', async () => {
    const { code, stdout } = await calibrate('--fmr', '0.1', '0.05', '--json');
    const [model] = JSON.parse(stdout).models;
    // Twelve pictures of three people: 18 pairs of one person, 48 of two. The wall and the notes are people of their own.
    expect(model).toMatchObject({ images: 14, missedImages: 2, identities: 3, genuinePairs: 18, impostorPairs: 48 });
    const [tenth, twentieth] = model.thresholds;
    expect(tenth).toMatchObject({
      wantedFmr: 0.1,
      impostorPairs: 48,
      reliable: false,
      fmr: { count: 4 },
      tar: { rate: 1 },
    });
    expect(twentieth.fmr.count).toBe(2);
    expect(twentieth.maxDistance).toBeLessThanOrEqual(tenth.maxDistance);
    expect(tenth.maxDistanceInterval[0]).toBeLessThanOrEqual(tenth.maxDistance);
    expect(tenth.maxDistanceInterval[1]).toBeGreaterThanOrEqual(tenth.maxDistance);
    expect(model.nearestStrangers[0].a).not.toBe(model.nearestStrangers[0].b);
    expect(code).toBe(0);
  });

  it('tells people how far to trust it', async () => {
    const { stdout } = await calibrate('--fmr', '0.1');
    expect(stdout).toMatch(/FMR 1e-1: maxDistance \d\.\d{3} \(95 %: .*\), 4 false matches, fewer than the 30/);
  });

  it('refuses a rate that so few pictures cannot show, before it encodes any', async () => {
    const { code, stderr } = await calibrate();
    expect(stderr).toMatch(
      /invalid-input: \d+ impostor pairs cannot show a false match rate of 0\.001: at least 1000 are/,
    );
    expect(stderr).not.toMatch(/Encoding/);
    expect(code).toBe(2);
  });

  it.each(['0', '1', 'few'])('refuses the rate %s', async (rate) => {
    const { code, stderr } = await calibrate('--fmr', rate);
    expect(stderr).toMatch(/A rate is above 0 and below 1/);
    expect(code).toBe(2);
  });
});

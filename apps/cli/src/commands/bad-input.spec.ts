import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const document = readFileSync(new URL('../../../../docs/bad-input.md', import.meta.url), 'utf8');
const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
/** Three people. */
const group = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo', 'sample1.jpg');

let folder: string;
let portrait: Buffer;
const picture = () => sharp(portrait);
const blank = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#777' } });
const half = async (image: Promise<Buffer>) => (await image).subarray(0, (await image).length / 2);

/** A progressive JPEG whose last pass comes again and again. */
async function manyPasses(passes: number): Promise<Buffer> {
  const jpeg = await blank(64, 64).jpeg({ progressive: true }).toBuffer();
  const last = jpeg.subarray(jpeg.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
  return Buffer.concat([jpeg.subarray(0, -2), ...new Array<Buffer>(passes).fill(last), jpeg.subarray(-2)]);
}

/** How the picture of each row of the document is made; a string is a path that is used as it is. */
const pictures: Readonly<Record<string, () => Promise<Buffer | string>>> = {
  'text instead of a picture': async () => Buffer.from('name,age\nann,41\n'),
  'an SVG or PDF': async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'),
  'an empty file': async () => Buffer.alloc(0),
  'a truncated JPEG': () => half(picture().jpeg().toBuffer()),
  'a truncated PNG': () => half(picture().png().toBuffer()),
  'a HEIC or JPEG XL': async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
  'more than 50 megapixels': () => blank(10_200, 5_000).png({ compressionLevel: 1 }).toBuffer(),
  'more than 300 MB of memory to decode': () => blank(8_000, 5_000).webp({ lossless: true, effort: 0 }).toBuffer(),
  'a JPEG of more than 100 passes': () => manyPasses(200),
  'more than 25 MB': async () => Buffer.concat([await picture().jpeg().toBuffer(), Buffer.alloc(25 * 1024 * 1024)]),
  'no face': () => blank(640, 480).jpeg().toBuffer(),
  'several faces': async () => group,
  'several faces, with `--largest`': async () => group,
  'a JPEG that EXIF turns': () => picture().rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'a CMYK JPEG': () => picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
  'a grey picture': () => picture().greyscale().png().toBuffer(),
  'a picture with an alpha channel': () => picture().ensureAlpha(0.9).png().toBuffer(),
  'a picture of 16 bits a channel': () => picture().toColourspace('rgb16').png().toBuffer(),
  'an animation': async () =>
    sharp([portrait, await blank(560, 560).png().toBuffer()], { join: { animated: true } })
      .webp({ delay: [100, 100] })
      .toBuffer(),
  'a file that is not there': async () => join(folder, 'nowhere.jpg'),
  'a folder': async () => folder,
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  // The face at the right of the group, alone in its picture.
  portrait = await sharp(group).extract({ left: 1300, top: 100, width: 560, height: 560 }).png().toBuffer();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The compiled command, as a user runs it. */
function latchkey(args: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

const rows = [...document.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| (\d) \|$/gm)].map(
  ([, name = '', outcome = '', , exitCode = '']) => ({ name, outcome, exitCode: Number(exitCode) }),
);

describe('the table of docs/bad-input.md', () => {
  it('has a picture here for each of its rows', () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(pictures));
  });

  it.each(rows)('$name: $outcome, exit code $exitCode', async ({ name, outcome, exitCode }) => {
    const made = await pictures[name]?.();
    const file = typeof made === 'string' ? made : join(folder, 'picture');
    if (made instanceof Buffer) writeFileSync(file, made);
    const flags = name.includes('--largest') ? ['--largest'] : [];
    const { code, stdout } = await latchkey(['encode', file, '--json', ...flags]);
    const answer = JSON.parse(stdout);
    expect(code).toBe(exitCode);
    if (exitCode === 0) expect(answer.values).toHaveLength(128);
    else expect(`\`${answer.error.code}\``).toBe(outcome);
    if (exitCode !== 0) expect(answer.error.message).toContain(file);
  });
});

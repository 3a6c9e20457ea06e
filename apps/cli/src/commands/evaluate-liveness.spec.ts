import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import sharp from 'sharp';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
const sample = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo/sample6.jpg');
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = temporaryFolder();
  const face = await sharp(sample).extract({ left: 1360, top: 200, width: 460, height: 460 }).toBuffer();
  mkdirSync(folder.file('living/anna'), { recursive: true });
  mkdirSync(folder.file('attacks/screen'), { recursive: true });
  mkdirSync(folder.file('attacks/print'), { recursive: true });
  await sharp(face).jpeg().toFile(folder.file('living/anna/1.jpg'));
  await sharp(face).flop().jpeg().toFile(folder.file('living/anna/2.jpg'));
  writeFileSync(folder.file('living/anna/3.jpg'), 'no picture');
  await sharp(face).resize(120).blur(1).resize(460).jpeg().toFile(folder.file('attacks/screen/1.jpg'));
  await sharp(face).modulate({ saturation: 0.3 }).jpeg().toFile(folder.file('attacks/print/1.jpg'));
});
afterAll(() => folder.remove());

function evaluate(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: folder.file('cache') };
    const child = spawn(process.execPath, [cli, 'evaluate-liveness', ...args], { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('latchkey evaluate-liveness', () => {
  it('tells BPCER, APCER of each kind, and what had no face, of the score and of each network', async () => {
    const args = ['--bona-fide', folder.file('living'), '--attacks', folder.file('attacks')];
    const { code, stdout } = await evaluate(...args, '--threshold', '0', '1', '--json');
    expect(code).toBe(0);
    const { scorers } = JSON.parse(stdout);
    expect(scorers.map(({ scorer }: { scorer: string }) => scorer)).toEqual(['score', 'liveness', 'antispoof']);
    const [{ bpnrr, apnrr, thresholds, atBpcer }] = scorers;
    expect(bpnrr).toMatchObject({ count: 1, trials: 3 });
    expect(apnrr.map(({ species }: { species: string }) => species)).toEqual(['print', 'screen']);
    expect(thresholds[0]).toMatchObject({
      threshold: 0,
      bpcer: { count: 0, trials: 2 },
      apcer: [{ rate: 1 }, { rate: 1 }],
    });
    expect(thresholds[1].bpcer.rate).toBe(1);
    expect(atBpcer.map(({ wantedBpcer }: { wantedBpcer: number }) => wantedBpcer)).toEqual([0.01, 0.05]);
  });

  it('claims nothing about attacks that it has not seen', async () => {
    const { stdout, stderr } = await evaluate('--bona-fide', folder.file('living'));
    expect(stdout).toMatch(/^score: 3 pictures of living people, 1 without a face\n/);
    expect(stdout).toMatch(/from 0\.500: BPCER \d+\.\d\d % \(/);
    expect(stdout).toContain('no attacks were given: nothing is known of the APCER');
    expect(stderr).toContain('3.jpg');
  });

  it('says so when there are no pictures', async () => {
    mkdirSync(folder.file('empty'));
    const { code, stderr } = await evaluate('--bona-fide', folder.file('empty'));
    expect(stderr).toMatch(/There is no picture in .*empty; pass another --bona-fide/);
    expect(code).not.toBe(0);
  });
});

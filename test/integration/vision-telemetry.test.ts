import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const vision = pathToFileURL(fileURLToPath(new URL('../../libs/vision/dist/index.js', import.meta.url))).href;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'latchkey-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A process as a user starts it, without the switch in its environment, that makes an analyzer and ends. */
async function analyzeAndEnd(start: string): Promise<void> {
  const script = `const vision = await import(${JSON.stringify(vision)});
    const analyzer = await vision.${start}({ cacheDir: ${JSON.stringify(join(home, 'networks'))}, engine: 'onnx' });
    await analyzer.analyze({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) });
    await analyzer.dispose();`;
  const { ORT_DISABLE_TELEMETRY: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, '.cache') };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
}

describe('ONNX Runtime, whose builds report to their makers', () => {
  it.each(['createFaceAnalyzer', 'startFaceAnalyzerWorker'])(
    'keeps no identifier of the device and opens no log for that: %s',
    async (start) => {
      await analyzeAndEnd(start);
      expect(await readdir(home)).toEqual(['networks']);
    },
  );
});

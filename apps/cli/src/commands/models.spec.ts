import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOptionalModels } from '@latchkey/vision';

const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Of MobileFaceNet's length, and of another content. */
const wrong = Buffer.alloc(3_998_070, 'wrong');
const licence = /mobilefacenet foamliu-22d3e78 is licensed under Apache-2\.0: https:/;

let cache: string;
let server: Server;
let mirror: string;
let ranges: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'latchkey-models-'));
  ranges = [];
  answer = (_, response) => void response.end(wrong);
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  mirror = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/net.onnx`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function started(
  program: string,
  args: readonly string[],
  { env = {}, cwd }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(program, args, { cwd, env: { ...process.env, LATCHKEY_MODEL_CACHE_DIR: cache, ...env } });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, ended };
}

/** The compiled command, as a user runs it. */
const models = (...args: string[]): Promise<Ended> => started(process.execPath, [cli, 'models', ...args]).ended;
const add = (...args: string[]) => models('add', 'mobilefacenet', '--from', mirror, '--accept-licence', ...args);

/** What stands in the folder of the model. */
function kept(): string[] {
  const folder = join(cache, 'added', 'mobilefacenet', 'foamliu-22d3e78');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('latchkey models list', () => {
  it('lists every model with task, size, licence, origin and whether it is here', async () => {
    const { code, stdout } = await models('list');
    expect(stdout).toMatch(/^NAME +TASK +SIZE +STATE +LICENCE +FROM$/m);
    expect(stdout).toMatch(/^blazeface +detector +0\.6 MB +comes along +Apache-2\.0 +npm:@vladmandic\/human@/m);
    expect(stdout).toMatch(/^mobilefacenet +encoder +4\.0 MB +available +Apache-2\.0 +https:/m);
    expect(code).toBe(0);
  });

  it('tells machines the same', async () => {
    const { models: all } = JSON.parse((await models('list', '--json')).stdout);
    expect(all).toContainEqual(
      expect.objectContaining({ name: 'dlib-resnet34', task: 'encoder', state: 'ready', bundled: true, problem: null }),
    );
    expect(all).toContainEqual(expect.objectContaining({ name: 'sface', state: 'absent', bytes: 38_696_353 }));
  });
});

describe('latchkey models add', () => {
  it('fetches nothing before the licence was shown and accepted', async () => {
    const refused = await models('add', 'mobilefacenet', '--from', mirror);
    expect(refused.stderr).toMatch(licence);
    expect(refused.stderr).toMatch(/pass --accept-licence/);
    expect([refused.code, ranges.length]).toEqual([2, 0]);
  });

  it('asks the proxy of HTTPS_PROXY for addresses outside, and nobody else; not for hosts of NO_PROXY', async () => {
    const asked: (string | undefined)[] = [];
    server.on('connect', ({ url }, socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const through = (more: Record<string, string> = {}) =>
      started(
        process.execPath,
        [cli, 'models', 'add', 'mobilefacenet', '--from', 'https://models.invalid/net.onnx', '--accept-licence'],
        { env: { HTTPS_PROXY: new URL('/', mirror).href, https_proxy: '', NO_PROXY: '', no_proxy: '', ...more } },
      ).ended;
    const { code, stderr } = await through();
    expect(stderr).toMatch(/https:\/\/models\.invalid\/net\.onnx was not received \(.*403/);
    expect(code).toBe(3);
    expect([...new Set(asked)]).toEqual(['models.invalid:443']);
    const before = asked.length;
    expect((await through({ NO_PROXY: 'models.invalid' })).stderr).toMatch(/was not received/);
    expect(asked).toHaveLength(before);
  });

  it('shows it once', async () => {
    expect((await add()).stderr).toMatch(licence);
    const second = await models('add', 'mobilefacenet', '--from', mirror);
    expect(second.stderr).not.toMatch(licence);
    expect(ranges.length).toBeGreaterThan(1);
  });

  it('keeps nothing of a file with another SHA-256, and says which one it has', async () => {
    const { code, stderr } = await add();
    expect(stderr).toMatch(/^mobilefacenet: \d\.\d of 4\.0 MB\n(.+\n)*mobilefacenet: 4\.0 of 4\.0 MB$/m);
    expect(stderr).toContain(
      `model-corrupt: ${mirror} gave a file with SHA-256 ${createHash('sha256').update(wrong).digest('hex')}`,
    );
    expect([code, kept()]).toEqual([3, []]);
  });

  it('says that there is nothing at the address', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    const { code, stdout } = await add('--json');
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('HTTP 404'),
    });
    expect([code, kept()]).toEqual([3, []]);
  });

  it('gives a server up that sends nothing, and goes on with what it sent the next time', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': wrong.length, etag: '"one"' });
      response.write(wrong.subarray(0, 1_000_000));
    };
    const { code, stderr } = await add('--idle-timeout', '2');
    expect(stderr).toMatch(/the server sent nothing for 2000 ms\); what arrived is kept/);
    expect([code, kept()]).toEqual([3, ['model.onnx.partial', 'model.onnx.partial.etag']]);
    const tries = ranges.length;
    answer = (_, response) => void response.writeHead(404).end();
    await add();
    expect(ranges[tries]).toBe('bytes=1000000-');
  });

  it('ends at once at Ctrl-C, as the signal would have it, and keeps what has arrived', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': wrong.length });
      response.write(wrong.subarray(0, 1_000_000));
    };
    const args = [cli, 'models', 'add', 'mobilefacenet', '--from', mirror, '--accept-licence'];
    const { child, ended } = started(process.execPath, args);
    const folder = join(cache, 'added', 'mobilefacenet', 'foamliu-22d3e78');
    await until(() => kept().some((name) => statSync(join(folder, name)).size === 1_000_000));
    child.kill('SIGINT');
    const { signal, stderr } = await ended;
    expect(signal).toBe('SIGINT');
    expect(stderr).toMatch(/what has arrived is kept, run the command again/);
    expect(kept()).toEqual(['model.onnx.partial']);
  });

  it('says that the disk is full, and goes on when there is room', async () => {
    const { code, stderr } = await started('sh', [
      '-c',
      'ulimit -f 2000; exec "$@"',
      'sh',
      ...[process.execPath, cli, 'models', 'add', 'mobilefacenet', '--from', mirror, '--accept-licence'],
    ]).ended;
    expect(stderr).toMatch(/storage-full: .* there is no room \(EFBIG\)/);
    expect([code, kept()]).toEqual([3, ['model.onnx.partial']]);
    await add();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d+-$/);
  });

  it.each([
    [['mobilefacenet', '--from', 'http://models.example/x'], 2, /must begin with https/],
    [['mobilefacenet', '--file', 'nowhere.onnx'], 3, /missing-file: nowhere\.onnx/],
    [['mobilefacenet', '--idle-timeout', '0'], 2, /from 0 to 300 seconds/],
    [['blazeface', '--file', cli], 2, /comes from npm:@vladmandic\/human@[\d.]+ alone/],
    [['nn4-small2'], 2, /pass the folder or the archive with --file/],
    [['nn4-small2', '--file', cli], 2, /cannot be unpacked/],
    [['facenet'], 1, /There is no model "facenet"; there is blazeface/],
  ])('add %j ends with %i', async (args, expected, message) => {
    const { code, stderr } = await models(
      'add',
      ...args,
      ...(args.length > 2 || args[0] === 'nn4-small2' ? ['--accept-licence'] : []),
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });

  it('has nothing to do for what comes with Latchkey', async () => {
    const { code, stdout } = await models('add', 'blazeface');
    expect(stdout).toMatch(/^blazeface is ready/);
    expect(code).toBe(0);
  });
});

const terminal = existsSync('/usr/bin/script');
if (!terminal) console.warn('"script" is not installed: the test at a terminal is skipped.');

(terminal ? describe : describe.skip)('latchkey models add at a terminal', () => {
  /** The command at a terminal of its own, which the answer is typed into when it asks. */
  async function typed(reply: string): Promise<Ended> {
    const command = `"${process.execPath}" "${cli}" models add mobilefacenet --from ${mirror}`;
    const { child, ended } = started('script', ['-qec', command, '/dev/null']);
    child.stdout?.on('data', (text: string) => {
      if (text.includes('[y/N]')) child.stdin?.write(`${reply}\n`);
    });
    return ended;
  }

  it('asks for the licence and shows a bar', async () => {
    const { code, stdout } = await typed('y');
    expect(stdout).toMatch(licence);
    expect(stdout).toMatch(/mobilefacenet .*4\.0\/4\.0 MB/);
    expect(code).toBe(3);
  });

  it('takes anything else for no', async () => {
    const { code, stdout } = await typed('');
    expect(stdout).toMatch(/was not accepted/);
    expect([code, ranges.length]).toEqual([2, 0]);
  });
});

describe('latchkey models verify and remove', () => {
  it('names the model that is damaged, until it is removed', async () => {
    const { version } = (await readOptionalModels()).find(({ name }) => name === 'mobilefacenet') ?? { version: '' };
    const path = join(cache, 'added', 'mobilefacenet', version, 'model.onnx');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wrong);
    const bad = await models('verify');
    expect(bad.stdout).toMatch(/^mobilefacenet foamliu-22d3e78: .*model\.onnx is not the file/m);
    expect(bad.stdout).toMatch(/^blazeface human-3\.3\.6: good$/m);
    expect(bad.code).toBe(1);
    expect((await models('verify', 'blazeface')).code).toBe(0);
    expect((await models('remove', 'mobilefacenet')).code).toBe(0);
    expect((await models('verify')).code).toBe(0);
    expect((await models('verify', 'mobilefacenet')).code).toBe(1);
    expect((await models('remove', 'mobilefacenet')).code).toBe(1);
  });

  it('does not remove what comes with Latchkey', async () => {
    const { code, stderr } = await models('remove', 'dlib-resnet34');
    expect(stderr).toMatch(/comes with Latchkey \(npm:@vladmandic\/face-api@[\d.]+\) and is needed/);
    expect(code).toBe(2);
  });
});

describe('a model that npm gives', () => {
  it('comes through the user’s own npm client, from the registry that he has set', async () => {
    const packed = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
    mkdirSync(join(packed, 'package'));
    writeFileSync(join(packed, 'package', 'package.json'), '{"name":"@nobody/has-this","version":"1.0.0"}');
    writeFileSync(join(packed, 'package', 'a.bin'), wrong);
    await started('tar', ['-czf', join(packed, 'p.tgz'), '-C', packed, 'package']).ended;
    const tarball = readFileSync(join(packed, 'p.tgz'));
    answer = ({ url = '' }, response) => {
      if (url.endsWith('.tgz')) return void response.end(tarball);
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const dist = { tarball: new URL('/p.tgz', mirror).href, integrity };
      const version = { name: '@nobody/has-this', version: '1.0.0', dist };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ name: version.name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
      );
    };
    const file = {
      package: '@nobody/has-this',
      path: 'a.bin',
      bytes: wrong.length,
      sha256: createHash('sha256').update(wrong).digest('hex'),
    };
    const tensors = [{ name: 'x', shape: ['batch', 3], values: 'any' }];
    const entry = {
      ...{
        name: 'net',
        version: '1',
        task: 'encoder',
        licence: 'MIT',
        licenceUrl: 'https://models.example/',
        origin: 'a test',
      },
      ...{ source: 'npm:@nobody/has-this@1.0.0', files: [file], inputs: tensors, outputs: tensors },
    };
    writeFileSync(join(packed, 'manifest.json'), JSON.stringify({ schema: 1, models: [entry] }));
    const program = `import { ModelStore } from '@latchkey/vision';
      const store = new ModelStore(process.argv[1], new URL('file://' + process.argv[2]));
      console.log((await store.status('net')).state, (await store.add('net')).state);`;
    const { stdout, stderr } = await started(
      process.execPath,
      ['--input-type=module', '-e', program, cache, join(packed, 'manifest.json')],
      {
        cwd: dirname(cli),
        env: { npm_config_registry: new URL('/', mirror).href, npm_config_cache: join(packed, 'cache') },
      },
    ).ended;
    rmSync(packed, { recursive: true, force: true });
    expect([stdout, stderr]).toEqual(['damaged ready\n', '']);
    expect(readdirSync(join(cache, 'packages'))).toEqual(['@nobody']);
  });
});

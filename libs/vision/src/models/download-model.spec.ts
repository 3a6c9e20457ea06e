import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { downloadModel, type ModelDownload } from './download-model.ts';

const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7) % 251));

let folder: string;
let target: string;
let server: Server;
let download: ModelDownload;
let ranges: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/** As a server of files does it. */
const serve = (request: IncomingMessage, response: ServerResponse): void => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-download-'));
  target = join(folder, 'models', 'net.onnx');
  ranges = [];
  answer = serve;
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const sha256 = createHash('sha256').update(content).digest('hex');
  download = { url: `http://127.0.0.1:${port}/net.onnx`, bytes: content.length, sha256 };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** Sends something, lets it arrive, and hangs up. */
const cut = (response: ServerResponse, bytes: Buffer): void => {
  response.write(bytes, () => setTimeout(() => response.destroy(), 50));
};

const files = (): Promise<string[]> => readdir(join(folder, 'models'));

describe('downloadModel', () => {
  it('fetches the file once and tells how far it is', async () => {
    const steps: number[] = [];
    await downloadModel(download, target, { onProgress: (bytes) => steps.push(bytes) });
    await downloadModel(download, target);
    expect(content.equals(await readFile(target))).toBe(true);
    expect(steps.at(-1)).toBe(content.length);
    expect(ranges).toHaveLength(1);
    expect(await files()).toEqual(['net.onnx']);
  });

  it('goes on where a connection was cut', async () => {
    let cut = (): unknown => undefined;
    answer = (request, response) => {
      if (ranges.length > 1) return serve(request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 20_000));
      cut = () => response.destroy();
    };
    await downloadModel(download, target, { onProgress: () => cut() });
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(content.equals(await readFile(target))).toBe(true);
  });

  it('starts anew with a server that cannot go on, or has another idea of where to', async () => {
    for (const [status, headers] of [
      [200, {}],
      [206, { 'content-range': `bytes 0-9/${content.length}` }],
      [416, {}],
    ] as const) {
      await rm(target, { force: true });
      await mkdir(dirname(target), { recursive: true });
      await writeFile(`${target}.partial`, 'of something else');
      answer = (request, response) => {
        if (request.headers.range === undefined) return serve(request, response);
        response.writeHead(status, headers);
        response.end(status === 200 ? content : content.subarray(0, 10));
      };
      await downloadModel(download, target);
      expect(content.equals(await readFile(target))).toBe(true);
    }
  });

  it('keeps what has arrived when the server is gone for good, and leaves no file', async () => {
    let cut = (): unknown => undefined;
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 20_000));
      cut = () => response.destroy();
    };
    const act = downloadModel(download, target, { retries: 0, onProgress: () => cut() });
    await expect(act).rejects.toMatchObject({ code: 'model-missing' });
    await expect(act).rejects.toThrow(/run the command again to go on/);
    expect(await files()).toEqual(['net.onnx.partial']);
    expect((await readFile(`${target}.partial`)).length).toBeGreaterThan(0);
  });

  it('gives up a server that sends nothing', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100));
    };
    const act = downloadModel(download, target, { stallMs: 100, retries: 0 });
    await expect(act).rejects.toThrow(/sent nothing for 100 ms/);
  });

  it('takes a wrong address for what it is, at once', async () => {
    answer = (_, response) => void response.writeHead(404).end('not here');
    const act = downloadModel(download, target);
    await expect(act).rejects.toMatchObject({ code: 'model-missing', details: { status: 404 } });
    expect(ranges).toHaveLength(1);
    expect(await files()).toEqual([]);
  });

  it('tries a server again that is busy', async () => {
    answer = (request, response) => (ranges.length > 1 ? serve(request, response) : void response.writeHead(503).end());
    await downloadModel(download, target);
    expect(content.equals(await readFile(target))).toBe(true);
  });

  it.each([
    ['of another content', () => Buffer.alloc(content.length)],
    ['longer than it should be', () => Buffer.concat([content, Buffer.from('more')])],
  ])('keeps nothing of a file %s', async (_, wrong) => {
    answer = (__, response) => void response.end(wrong());
    await expect(downloadModel(download, target)).rejects.toMatchObject({ code: 'model-corrupt' });
    expect(await files()).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.write(content.subarray(0, 100));
      stop.abort(new Error('enough'));
    };
    await expect(downloadModel(download, target, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('takes up a server as often as it is cut off, as long as each connection brings something', async () => {
    answer = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {});
      const end = from + 9_000;
      if (end >= content.length) response.end(content.subarray(from));
      else cut(response, content.subarray(from, end));
    };
    await downloadModel(download, target, { retries: 1 });
    expect(content.equals(await readFile(target))).toBe(true);
    expect(ranges).toHaveLength(6);
  });

  it('tells the server which version it has the beginning of, and takes another from its start', async () => {
    const old = Buffer.alloc(20_000, 1);
    answer = (_, response) => {
      response.writeHead(200, { etag: '"old"', 'content-length': content.length });
      cut(response, old);
    };
    await expect(downloadModel(download, target, { retries: 0 })).rejects.toMatchObject({ code: 'model-missing' });
    expect(await files()).toEqual(['net.onnx.partial', 'net.onnx.partial.etag']);
    let asked: string | undefined;
    answer = (request, response) => {
      asked = request.headers['if-range']?.toString();
      response.writeHead(200, { etag: '"new"' }).end(content);
    };
    await downloadModel(download, target);
    expect(asked).toBe('"old"');
    expect(await files()).toEqual(['net.onnx']);
    expect(content.equals(await readFile(target))).toBe(true);
  });

  it('starts anew once when a server without marks goes on with another version', async () => {
    await mkdir(join(folder, 'models'));
    await writeFile(`${target}.partial`, Buffer.alloc(20_000, 1));
    await downloadModel(download, target);
    expect(ranges).toEqual(['bytes=20000-', undefined]);
    expect(content.equals(await readFile(target))).toBe(true);
  });

  it('goes on with what a process that was killed has left', async () => {
    await mkdir(join(folder, 'models'));
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const host = hostname()
      .replaceAll(/[^A-Za-z0-9-]/g, '-')
      .slice(0, 40);
    await writeFile(`${target}.${host}~${gone}~0badcafe.partial`, content.subarray(0, 30_000));
    await downloadModel(download, target);
    expect(ranges).toEqual(['bytes=30000-']);
    expect(await files()).toEqual(['net.onnx']);
  });

  it('may be done twice at once', async () => {
    await mkdir(join(folder, 'models'));
    await writeFile(`${target}.partial`, content.subarray(0, 10_000));
    await Promise.all([downloadModel(download, target), downloadModel(download, target)]);
    expect(ranges.toSorted()).toEqual(['bytes=10000-', undefined]);
    expect(await files()).toEqual(['net.onnx']);
    expect(content.equals(await readFile(target))).toBe(true);
  });

  it('follows redirects, but to no address that is not safe, and not for ever', async () => {
    const to = (location: string) => (request: IncomingMessage, response: ServerResponse) =>
      request.url === '/net.onnx' || location.endsWith('/net.onnx')
        ? void response.writeHead(302, { location }).end()
        : serve(request, response);
    answer = to('/elsewhere.onnx');
    await downloadModel(download, target);
    expect(content.equals(await readFile(target))).toBe(true);
    await rm(target);
    answer = to('http://models.example/net.onnx');
    await expect(downloadModel(download, target)).rejects.toMatchObject({ code: 'invalid-input' });
    answer = to('/net.onnx');
    await expect(downloadModel(download, target)).rejects.toThrow(/redirects more than 5 times/);
    expect(await files()).toEqual([]);
  });

  it.each(['http://models.example/net.onnx', 'ftp://127.0.0.1/net.onnx', 'file:///etc/passwd', 'net.onnx'])(
    'fetches nothing from %s',
    async (url) => {
      const act = downloadModel({ ...download, url }, target);
      await expect(act).rejects.toMatchObject({ code: 'invalid-input' });
      await expect(act).rejects.toThrow(/must begin with https/);
    },
  );

  it('does not fetch what cannot be right by its length', async () => {
    answer = (_, response) => void response.end('<html>Please sign in to this network</html>');
    const act = downloadModel(download, target);
    await expect(act).rejects.toThrow(/offers 43 bytes, weights\/manifest\.json says 50000/);
    expect(await files()).toEqual([]);
  });

  it('says that the folder cannot be written', async () => {
    await writeFile(join(folder, 'models'), '');
    await expect(downloadModel(download, target)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(ranges).toHaveLength(0);
  });

  (existsSync('/dev/full') ? it : it.skip)('says that the disk is full', async () => {
    await mkdir(join(folder, 'models'));
    await symlink('/dev/full', `${target}.partial`);
    await expect(downloadModel(download, target)).rejects.toMatchObject({ code: 'storage-full' });
    expect(existsSync(target)).toBe(false);
  });
});

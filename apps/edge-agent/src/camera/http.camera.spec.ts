import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseCamera } from '@latchkey/config';
import type { Clock, Frame } from '@latchkey/domain';
import { cropJpeg } from '@latchkey/vision';
import { HttpCamera } from './http.camera.ts';

const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** A JPEG of 32 × 16 pixels in one grey. */
async function aJpeg(grey: number): Promise<Uint8Array> {
  const image = { width: 32, height: 16, data: new Uint8Array(32 * 16 * 3).fill(grey) };
  return cropJpeg(image, { x: 0, y: 0, width: 32, height: 16 }, { margin: 0 });
}

describe('a camera over HTTP', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let skipped: number;
  let stop: AbortController;

  beforeEach(async () => {
    skipped = 0;
    stop = new AbortController();
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    stop.abort();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function frames(login = '', settings = 'fps=50'): AsyncIterator<Frame> {
    const { port } = server.address() as AddressInfo;
    const config = parseCamera(`http://${login}127.0.0.1:${port}/picture?size=1#${settings}`);
    if (config.source.type !== 'http') throw new Error('not an HTTP camera');
    const report = () => skipped++;
    return new HttpCamera(config, config.source, { cameraId: 'door', source: 'http', clock, report }).frames(
      stop.signal,
    );
  }

  const grey = ({ value }: IteratorResult<Frame>) => value?.image.data[0];

  it('is asked for picture after picture', async () => {
    const jpegs = [await aJpeg(10), await aJpeg(100), await aJpeg(200)];
    let asked = 0;
    answer = (_, response) => response.end(jpegs[Math.min(asked++, 2)]);
    const camera = frames();
    const before = Date.now();
    const first = await camera.next();
    expect(first.value).toMatchObject({ cameraId: 'door', image: { width: 32, height: 16 } });
    expect((first.value as Frame).capturedAt).toBeGreaterThanOrEqual(before);
    expect([grey(first), grey(await camera.next()), grey(await camera.next())]).toEqual([10, 100, 200]);
  });

  it('is turned as it is asked to', async () => {
    const jpeg = await aJpeg(10);
    answer = (_, response) => response.end(jpeg);
    expect((await frames('', 'flip=rotate-90').next()).value).toMatchObject({ image: { width: 16, height: 32 } });
  });

  it('is read as a stream of JPEGs; a reader that is slow gets the newest', async () => {
    const jpegs = [await aJpeg(10), await aJpeg(100), await aJpeg(200)];
    let write: (i: number) => void = () => undefined;
    answer = (_, response) => {
      response.setHeader('content-type', 'multipart/x-mixed-replace; boundary=x');
      write = (i) => response.write(Buffer.concat([Buffer.from('--x\r\n\r\n'), jpegs[i] ?? Buffer.alloc(0)]));
      write(0);
    };
    const camera = frames('', 'fps=120');
    expect(grey(await camera.next())).toBe(10);
    // Pictures that follow each other faster than the wanted rate are left out unseen, and not counted.
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    for (const i of [1, 2]) {
      await pause();
      write(i);
    }
    await pause();
    expect(grey(await camera.next())).toBe(200);
    expect(skipped).toBe(1);
  });

  it('gives every picture of a stream to a reader that is quick enough, and then its end', async () => {
    const jpegs = [await aJpeg(10), await aJpeg(100), await aJpeg(200)];
    let response: ServerResponse | null = null;
    const write = (i: number) =>
      response?.write(Buffer.concat([Buffer.from('--x\r\n\r\n'), jpegs[i] ?? Buffer.alloc(0)]));
    answer = (_, given) => {
      response = given;
      response.setHeader('content-type', 'multipart/x-mixed-replace; boundary=x');
      write(0);
    };
    const camera = frames('', 'fps=120');
    const seen = [grey(await camera.next())];
    for (const i of [1, 2]) {
      const next = camera.next();
      setTimeout(() => write(i), 20);
      seen.push(grey(await next));
    }
    expect(seen).toEqual([10, 100, 200]);
    expect(skipped).toBe(0);
    const last = camera.next();
    (response as ServerResponse | null)?.end();
    expect((await last).done).toBe(true);
  });

  it.each([
    ['Basic realm="cam"', /^Basic YWRhOnA6dw==$/],
    [
      'Digest realm="cam", qop="auth", nonce="abc"',
      /^Digest username="ada", .*uri="\/picture\?size=1".*response="[0-9a-f]{32}"/,
    ],
  ])('gets its password when it asks for %s, and not before', async (challenge, expected) => {
    const jpeg = await aJpeg(10);
    const seen: (string | undefined)[] = [];
    answer = ({ headers: { authorization } }, response) => {
      seen.push(authorization);
      if (authorization) response.end(jpeg);
      else response.writeHead(401, { 'www-authenticate': challenge }).end();
    };
    await frames('ada:p%3Aw@').next();
    expect(seen).toEqual([undefined, expect.stringMatching(expected)]);
  });

  it.each([
    [401, 'camera-unauthorized'],
    [403, 'camera-unauthorized'],
    [404, 'camera-unavailable'],
    [500, 'camera-unavailable'],
  ])('that answers with %i fails with %s', async (status, code) => {
    answer = (_, response) => response.writeHead(status).end('no');
    await expect(frames('ada:p@').next()).rejects.toMatchObject({ code });
  });

  it('that gives a page instead of a picture, or breaks off, fails', async () => {
    answer = (_, response) => response.end('<html>hello</html>');
    await expect(frames().next()).rejects.toMatchObject({ code: 'camera-unavailable' });
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=x' }).write('--x\r\n');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(frames().next()).rejects.toMatchObject({ code: 'camera-unavailable' });
  });

  it('that is not there fails', async () => {
    const camera = frames();
    await new Promise((resolve) => server.close(resolve));
    await expect(camera.next()).rejects.toMatchObject({ code: 'camera-unavailable' });
  });

  it('ends with its signal, also in the middle of an answer', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': '1000' }).write('half');
    const next = frames().next();
    setTimeout(() => stop.abort(), 50);
    await expect(next).rejects.toMatchObject({ code: 'camera-unavailable' });
  });
});

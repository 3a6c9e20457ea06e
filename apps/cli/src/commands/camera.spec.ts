import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import sharp from 'sharp';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describe('latchkey camera test', () => {
  let folder: TemporaryFolder;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('The command is not compiled; run `npx tsc -b apps/cli`.');
    folder = temporaryFolder();
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#777' } })
      .jpeg()
      .toBuffer();
    writeFileSync(folder.file('one.jpg'), jpeg);
    server = createServer(({ headers: { authorization } }, response) => {
      const allowed = authorization === `Basic ${Buffer.from('ada:secret').toString('base64')}`;
      if (allowed) response.end(jpeg);
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}/snapshot`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    folder.remove();
  });

  /** Runs the command, as JSON, with one second of frames. */
  function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const all = [
      'camera',
      'test',
      '--json',
      '--seconds',
      '1',
      '--wait',
      '4',
      '--save',
      folder.file('shot.jpg'),
      ...args,
    ];
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    return new Promise<{ code: number; value: Record<string, unknown>; stdout: string }>((resolve) => {
      const child = execFile(process.execPath, [program, ...all], { env }, (_, stdout) =>
        resolve({ code: child.exitCode ?? -1, value: JSON.parse(stdout) as Record<string, unknown>, stdout }),
      );
    });
  }

  it('counts the frames of a folder and saves one', async () => {
    const { code, value } = await run([folder.path]);
    expect(code).toBe(0);
    expect(value).toMatchObject({ camera: folder.path, droppedFrames: 0, picture: folder.file('shot.jpg') });
    expect(value.frames).toBeGreaterThan(3);
    expect([...readFileSync(folder.file('shot.jpg')).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it('takes the camera with its password from the environment, and shows the password nowhere', async () => {
    const { code, value, stdout } = await run([], { LATCHKEY_CAMERA: `http://ada:secret@${address}#fps=4` });
    expect(code).toBe(0);
    expect(value).toMatchObject({ camera: `http://${address}`, pipeline: `GET http://${address}` });
    expect(stdout).not.toContain('secret');
  });

  it.each([
    ['a wrong password', () => `http://ada:wrong@${address}`, 3, 'camera-unauthorized'],
    ['an address where nothing is', () => 'http://127.0.0.1:9/x', 3, 'camera-unavailable'],
    ['a folder without pictures', () => '/nowhere/pictures', 3, 'camera-unavailable'],
    ['something that is no camera', () => 'ftp://camera/', 2, 'config-invalid'],
  ])('ends with a code for %s', async (_, camera, exit, code) => {
    const failed = await run([camera()]);
    expect(failed).toMatchObject({ code: exit, value: { error: { code } } });
  });

  it('wants a camera', async () => {
    expect(await run([])).toMatchObject({ code: 2, value: { error: { code: 'invalid-input' } } });
  });
});

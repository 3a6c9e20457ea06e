import { createServer, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';

function listen(host: string): Promise<{ port: number; server: Server }> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, host, () => resolve({ port: (server.address() as { port: number }).port, server })),
  );
}

describe('freePort', () => {
  it('gives the port asked for when it is free', async () => {
    const { port, server } = await listen('127.0.0.1');
    await new Promise((resolve) => server.close(resolve));
    expect(await freePort(port)).toBe(port);
  });

  it.each(['127.0.0.1', '0.0.0.0', '::'])('steps over a port that somebody listens to on %s', async (host) => {
    const { port, server } = await listen(host);
    expect(await freePort(port)).toBeGreaterThan(port);
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives any free port for 0', async () => {
    expect(await freePort(0)).toBeGreaterThan(1023);
  });

  it('says so when there is none left', async () => {
    await expect(freePort(65_536)).rejects.toMatchObject({ code: 'conflict' });
  });
});

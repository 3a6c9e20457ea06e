import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpLockConfig } from '@latchkey/config';
import { eventually, ManualClock } from '@latchkey/testing';
import { HttpRelayDoor } from './http-relay.door.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('lock behind an HTTP relay', () => {
  let server: Server;
  let port: number;
  let received: Received[];
  let answer: (response: ServerResponse, request: Received) => void;

  beforeEach(async () => {
    received = [];
    answer = (response) => response.end('{"was_on":false}');
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { method, url, headers } = request;
      const one = { method, url, headers, body };
      received.push(one);
      answer(response, one);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    server.closeAllConnections();
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  });

  const clock = new ManualClock();
  function aDoor(changes: Partial<HttpLockConfig> = {}): HttpRelayDoor {
    const config: HttpLockConfig = {
      type: 'http',
      url: `http://127.0.0.1:${port}/rpc/Switch.Set?id=0&on=true&toggle_after={seconds}`,
      method: 'GET',
      body: null,
      contentType: 'application/json',
      user: null,
      password: null,
      signatureKey: null,
      idempotent: false,
      timed: false,
      pulseMs: null,
      ...changes,
    };
    return new HttpRelayDoor(config, clock);
  }
  const patient = () => AbortSignal.timeout(10_000);

  it('tells the relay for how long, in seconds that are rounded up, or in milliseconds', async () => {
    await aDoor().open(2_500, patient());
    await aDoor({ pulseMs: 700, method: 'POST', body: '{"on":true,"ms":{ms}}' }).open(2_500, patient());
    expect(received.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/rpc/Switch.Set?id=0&on=true&toggle_after=3', ''],
      ['POST', '/rpc/Switch.Set?id=0&on=true&toggle_after=1', '{"on":true,"ms":700}'],
    ]);
    expect(received[1]?.headers['content-type']).toBe('application/json');
  });

  it.each([
    [500, /HTTP status 500/],
    [404, /HTTP status 404/],
    [401, /refuses the user or the password/],
    [302, /another address/],
  ])('fails with the reason, and asks only once, when the relay answers %s', async (status, reason) => {
    answer = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
    await expect(aDoor().open(3_000, patient())).rejects.toThrow(reason);
    expect(received).toHaveLength(1);
  });

  it.each([
    ['MD5', 'md5'],
    ['SHA-256', 'sha256'],
  ])('logs in by Digest with %s, without the password ever travelling', async (algorithm, name) => {
    answer = (response, { headers }) => {
      if (headers.authorization) response.end();
      else
        response
          .writeHead(401, {
            'www-authenticate': `Digest qop="auth", realm="shelly", nonce="n1", algorithm=${algorithm}`,
          })
          .end();
    };
    await aDoor({ user: 'admin', password: 'secret' }).open(3_000, patient());
    const authorization = received[1]?.headers.authorization ?? '';
    const [, cnonce] = /cnonce="(\w+)"/.exec(authorization) ?? [];
    const hash = (text: string) => createHash(name).update(text).digest('hex');
    const request = hash(`GET:${received[1]?.url}`);
    expect(authorization).toContain(
      `response="${hash(`${hash('admin:shelly:secret')}:n1:00000001:${cnonce}:auth:${request}`)}"`,
    );
    expect(authorization).not.toContain('secret');
  });

  it('logs in by Basic where nothing better is offered, and gives up when that is refused', async () => {
    answer = (response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="relay"' }).end();
    await expect(aDoor({ user: 'admin', password: 'wrong' }).open(3_000, patient())).rejects.toThrow(/password/);
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      `Basic ${Buffer.from('admin:wrong').toString('base64')}`,
    ]);
  });

  it('signs each request anew for relays that check it', async () => {
    const signatureKey = 'a key of sixteen or more';
    const door = aDoor({ signatureKey, method: 'POST', body: '{"ms":{ms}}' });
    await door.open(3_000, patient());
    await door.open(3_000, patient());
    for (const { method, url, headers, body } of received) {
      const signed = [
        method,
        url,
        headers['x-latchkey-timestamp'],
        headers['x-latchkey-nonce'],
        createHash('sha256').update(body).digest('hex'),
      ].join('\n');
      const expected = createHmac('sha256', signatureKey).update(signed).digest('hex');
      expect(headers['x-latchkey-signature']).toBe(`sha256=${expected}`);
    }
    expect(new Set(received.map(({ headers }) => headers['x-latchkey-nonce'])).size).toBe(2);
    expect(received[0]?.headers['x-latchkey-timestamp']).toBe(`${Math.floor(clock.now() / 1000)}`);
  });

  it('gives up when nobody waits any more for a relay that does not answer, and does not ask again', async () => {
    answer = () => undefined;
    const over = new AbortController();
    const opening = aDoor({ idempotent: true }).open(3_000, over.signal);
    await eventually('the relay has the request', () => received.length === 1);
    over.abort();
    await expect(opening).rejects.toThrow(/did not answer in time/);
    expect(received).toHaveLength(1);
  });

  it('does not ask again when the connection breaks off after the request: it may have been acted on', async () => {
    answer = (response) => response.destroy();
    await expect(aDoor().open(3_000, patient())).rejects.toThrow(/broke off/);
    expect(received).toHaveLength(1);
  });

  it('asks again then where the relay acts once on requests of the same key', async () => {
    answer = (response) => (received.length === 1 ? response.destroy() : response.end());
    await aDoor({ idempotent: true }).open(3_000, patient());
    const keys = received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
  });

  it('asks again while there is nobody to connect to, until the relay is there', async () => {
    server.close();
    await once(server, 'close');
    const opening = aDoor().open(3_000, patient());
    // Refused at least once, unless this machine is very slow; then it is simply asked once.
    await new Promise((resolve) => setImmediate(resolve));
    server.listen(port, '127.0.0.1');
    await opening;
    expect(received).toHaveLength(1);
  });

  it('fails when there is nobody to connect to for as long as somebody waits', async () => {
    server.close();
    await once(server, 'close');
    await expect(aDoor().open(3_000, AbortSignal.timeout(300))).rejects.toThrow(/cannot be reached.*ECONNREFUSED/);
  });

  it('sends nothing any more once the machine has slept: whoever stood there is gone', async () => {
    server.close();
    await once(server, 'close');
    const opening = aDoor().open(3_000, patient());
    clock.advance(10_000);
    server.listen(port, '127.0.0.1');
    await expect(opening).rejects.toMatchObject({ code: 'door-unavailable' });
    expect(received).toEqual([]);
  });

  it('fails when what answers speaks no HTTP', async () => {
    const other = createTcpServer((socket) => socket.on('error', () => undefined).end('hello\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/?s={seconds}`;
    await expect(aDoor({ url }).open(3_000, patient())).rejects.toMatchObject({ code: 'door-unavailable' });
    other.close();
  });
});

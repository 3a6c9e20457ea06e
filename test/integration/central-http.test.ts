import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, TcpProxy, temporaryFolder } from '@latchkey/testing';
import type { ApiClient } from './api-client.ts';
import { CentralFixture } from './central-fixture.ts';

const dashboard = temporaryFolder();
const secret = temporaryFolder();
const databaseProxy: { current: TcpProxy | null } = { current: null };

/** Central behind a proxy that can take its database away. */
const fixture = new CentralFixture((databaseUrl) => {
  const proxied = new URL(databaseUrl);
  if (databaseProxy.current) proxied.port = new URL(databaseProxy.current.url).port;
  return { dashboardDir: dashboard.path, databaseUrl: proxied.href };
});
let admin: ApiClient;

beforeAll(async () => {
  writeFileSync(dashboard.file('index.html'), '<!doctype html><title>Latchkey</title>');
  mkdirSync(dashboard.file('assets'));
  writeFileSync(dashboard.file('assets/index-8f3a2c.js'), 'export {};');
  writeFileSync(secret.file('secret.txt'), 'not for you');
  await fixture.database.start();
  databaseProxy.current = new TcpProxy(`tcp://127.0.0.1:${new URL(fixture.database.url).port || 5432}`);
  await databaseProxy.current.start();
  await fixture.start();
  admin = await fixture.admin();
});
afterAll(async () => {
  await fixture.stopCentral();
  await databaseProxy.current?.stop();
  await fixture.stop();
  dashboard.remove();
  secret.remove();
});

describe('the dashboard', () => {
  it.each(['/', '/index.html', '/people', '/people/01a2/photos', '/login?next=/fleet'])(
    'is served at %s to anybody',
    async (path) => {
      const response = await fetch(`${fixture.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<title>Latchkey</title>');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    },
  );

  it('keeps its hashed files for ever', async () => {
    const response = await fetch(`${fixture.url}/assets/index-8f3a2c.js`);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('may load nothing but its own files and be framed by nobody', async () => {
    const { headers } = await fetch(`${fixture.url}/`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it.each([
    '/assets/missing.js',
    '/favicon.ico',
    '/..%2f..%2fetc%2fpasswd.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00.txt',
  ])('has no %s', async (path) => {
    const response = await fetch(`${fixture.url}${path}`);
    expect([400, 403, 404]).toContain(response.status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.text()).not.toContain('not for you');
  });

  it('does not answer for the API', async () => {
    for (const path of ['nothing', 'people/x/y/z', 'docs/../nothing']) {
      const answer = await admin.get(path);
      expect([answer.status, answer.body?.code]).toEqual([404, 'not-found']);
    }
  });
});

describe('the API', () => {
  it('has documents of every route, for those who are signed in', async () => {
    const { status, body } = await admin.get('docs-json');
    expect(status).toBe(200);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/people', '/api/people/{id}/photos', '/api/devices', '/api/events', '/api/health']),
    );
    expect(body.paths['/api/people'].post.requestBody.content['application/json'].schema.required).toEqual(['name']);
    const page = await fetch(`${fixture.url}/api/docs`, { headers: { authorization: `Bearer ${admin.token}` } });
    expect(await page.text()).toContain('swagger-ui');
  });

  it('keeps its answers out of caches', async () => {
    expect((await admin.get('people')).headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['a type that is no JSON', { 'content-type': 'text/plain' }, '{"name":"x"}', 400],
    ['an unknown charset', { 'content-type': 'application/json; charset=klingon' }, '{"name":"x"}', 415],
    ['an unknown encoding', { 'content-type': 'application/json', 'content-encoding': 'zip' }, '{"name":"x"}', 415],
    [
      'a body that is not what its encoding says',
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      'no',
      400,
    ],
    [
      'a key that would reach into prototypes',
      { 'content-type': 'application/json' },
      '{"__proto__":{"name":"x"}}',
      400,
    ],
    ['depth', { 'content-type': 'application/json' }, `${'['.repeat(9000)}${']'.repeat(9000)}`, 400],
  ])('refuses %s', async (_, headers, body, status) => {
    const answer = await admin.send('POST', 'people', { headers, body });
    expect([answer.status, answer.body.code]).toEqual([status, 'invalid-input']);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('has no %s people', async (method) => {
    expect((await admin.send(method, 'people')).status).toBe(404);
  });
});

describe('without its database', () => {
  it('answers 503 with a code, says so in its health, and works again as soon as the database is back', async () => {
    expect((await admin.get('people')).status).toBe(200);
    await databaseProxy.current?.stop();
    const [list, write, login, health] = [
      await admin.get('people'),
      await admin.post('people', { name: 'Lost' }),
      await fixture.anonymous().post('auth/login', { email: 'a@example.org', password: 'x' }),
      await fixture.anonymous().get('health'),
    ];
    for (const answer of [list, write, login]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'database-unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(health.status).toBe(503);
    expect(health.body).toMatchObject({ status: 'down', checks: { database: 'down', broker: 'up' } });
    await databaseProxy.current?.start();
    await eventually('health is back', async () => (await fixture.anonymous().get('health')).status === 200);
    expect((await admin.post('people', { name: 'Found' })).status).toBe(201);
  });

  it('loses nothing of a request that was cut in the middle', async () => {
    const requests = Array.from({ length: 10 }, (_, i) => admin.post('people', { name: `Cut ${i}` }));
    databaseProxy.current?.cut();
    const answers = await Promise.all(requests);
    for (const { status } of answers) expect([201, 503]).toContain(status);
    const { body } = await eventually('central is back', async () => {
      const answer = await admin.get('people?search=Cut&limit=100');
      return answer.status === 200 && answer;
    });
    const names: string[] = body.items.map(({ name }: { name: string }) => name);
    const made = answers.filter(({ status }) => status === 201).map((answer) => answer.body.name);
    expect(names).toEqual(expect.arrayContaining(made));
    expect(new Set(names).size).toBe(names.length);
    const [log] = await fixture.database.rows<{ revision: number; changes: number }>(
      `SELECT revision, (SELECT count(*)::int FROM gallery_change WHERE group_id = 'everyone') AS changes
       FROM gallery_group WHERE id = 'everyone'`,
    );
    const [people] = await fixture.database.rows<{ count: number }>('SELECT count(*)::int AS count FROM person');
    expect(log).toEqual({ revision: people?.count, changes: people?.count });
  });
});

import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from './api-client.ts';
import { CentralFixture, testPassword } from './central-fixture.ts';
import { SseReader } from './sse-reader.ts';

const fixture = new CentralFixture();
const adminEmail = 'admin@latchkey.local';

beforeAll(() => fixture.start(), 120_000);
afterAll(() => fixture.stop());

describe('the first admin', () => {
  it('has a generated password in a file that nobody else can read', async () => {
    expect(await fixture.generatedPassword()).toMatch(/^[A-Za-z0-9]{20}$/);
    const { mode } = await stat(`${fixture.dataDir}/keys/first-admin.json`);
    expect(mode & 0o777).toBe(0o600);
  });

  it('signs in and is told that the password is the generated one', async () => {
    const answer = await fixture
      .anonymous()
      .post('auth/login', { email: adminEmail, password: await fixture.generatedPassword() });
    expect(answer.status).toBe(200);
    expect(answer.body.account).toEqual({ email: adminEmail, role: 'admin', passwordGenerated: true });
    expect(new Date(answer.body.expiresAt).getTime()).toBeGreaterThan(Date.now());
  });

  it('keeps password and sessions over a restart of central', async () => {
    const password = await fixture.generatedPassword();
    const { token } = await fixture.admin();
    await fixture.stopCentral();
    await fixture.start();
    expect(await fixture.generatedPassword()).toBe(password);
    expect((await new ApiClient(fixture.url, token).get('auth/me')).status).toBe(200);
  });
});

describe('a session', () => {
  it('comes as a cookie that scripts cannot read and other sites do not send', async () => {
    const { headers } = await fixture
      .anonymous()
      .post('auth/login', { email: adminEmail, password: await fixture.generatedPassword() });
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^latchkey_session=[\w-]{43}; /);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const me = await fixture.anonymous().send('GET', 'auth/me', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(me.body.email).toBe(adminEmail);
  });

  it('ends with signing out', async () => {
    const client = await fixture.admin();
    expect((await client.post('auth/logout')).status).toBe(204);
    const after = await client.get('auth/me');
    expect([after.status, after.body.code]).toEqual([401, 'unauthorized']);
  });

  it('ends its live views at once when it is signed out or its account is deleted', async () => {
    const [leaver, deleted] = [await fixture.account('viewer'), await fixture.account('viewer')];
    const view = ({ token }: ApiClient) =>
      SseReader.connect(`${fixture.url}/api/events/stream`, { authorization: `Bearer ${token}` });
    const [first, second] = [await view(leaver), await view(deleted)];
    await leaver.post('auth/logout');
    // Heartbeats, which would end it too, come every fifteen seconds; this test would not live to see one.
    await first.ended;
    const { email } = (await deleted.get('auth/me')).body;
    const admin = await fixture.admin();
    const { items } = (await admin.get('accounts?limit=500')).body;
    await admin.delete(`accounts/${items.find((account: { email: string }) => account.email === email).id}`);
    await second.ended;
  }, 10_000);

  it('ends at its time', async () => {
    const client = await fixture.account('viewer');
    await fixture.database.rows(`UPDATE session SET expires_at = now() - interval '1 second'`);
    expect((await client.get('auth/me')).status).toBe(401);
  });

  it('is stored as a hash alone', async () => {
    const { token } = await fixture.admin();
    const rows = await fixture.database.rows<{ row: string }>('SELECT session::text AS row FROM session');
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toContain(token);
  });
});

describe('without a session', () => {
  it.each([
    ['GET', 'people'],
    ['POST', 'people'],
    ['GET', 'groups'],
    ['GET', 'events'],
    ['GET', 'events/stream'],
    ['GET', 'devices'],
    ['GET', 'docs'],
    ['GET', 'docs/swagger-ui-init.js'],
    ['GET', 'docs-json'],
    ['GET', 'docs-yaml'],
    ['GET', 'auth/me'],
    ['POST', 'verify'],
    ['GET', 'nothing-of-that-name'],
  ])('%s %s is refused', async (method, path) => {
    const answer = await fixture.anonymous().send(method, path);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('health is answered', async () => {
    const answer = await fixture.anonymous().get('health');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'up',
      checks: { database: 'up', broker: 'up', ingest: 'up' },
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('a wrong token is no session', async () => {
    for (const token of ['x', 'A'.repeat(43), "' OR 1=1 --"]) {
      expect((await new ApiClient(fixture.url, token).get('people')).status).toBe(401);
    }
  });
});

describe('signing in', () => {
  it('is refused alike for a wrong password and an unknown account', async () => {
    const wrong = await fixture.anonymous().post('auth/login', { email: adminEmail, password: 'not it at all' });
    const unknown = await fixture.anonymous().post('auth/login', { email: 'nobody@example.org', password: 'x' });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'wrong-credentials']);
    expect({ ...unknown.body }).toEqual({ ...wrong.body });
  });

  it.each([
    ['no JSON', '{', 400],
    ['an empty body', '', 400],
    ['a list', '[]', 400],
    ['numbers', '{"email":1,"password":2}', 400],
    ['no address', '{"email":"x","password":"y"}', 400],
    ['an unknown member', '{"email":"a@example.org","password":"y","admin":true}', 400],
    ['a NUL in the address', '{"email":"a\\u0000@example.org","password":"y"}', 400],
    ['a body of a megabyte', JSON.stringify({ email: 'a@example.org', password: 'y'.repeat(1_000_000) }), 413],
  ])('with %s is bad input', async (_, body, status) => {
    const answer = await fixture
      .anonymous()
      .send('POST', 'auth/login', { body, headers: { 'content-type': 'application/json' } });
    expect([answer.status, answer.body.code]).toEqual([status, 'invalid-input']);
  });

  it('is slowed down after ten wrong passwords, for that account at that address only', async () => {
    const email = `guessed-${Date.now()}@example.org`;
    await (await fixture.admin()).post('accounts', { email, password: testPassword, role: 'viewer' });
    const attempts: number[] = [];
    for (let i = 0; i < 11; i++) {
      attempts.push((await fixture.anonymous().post('auth/login', { email, password: `guess ${i}` })).status);
    }
    expect(attempts).toEqual([...Array(10).fill(401), 429]);
    const right = await fixture.anonymous().post('auth/login', { email, password: testPassword });
    expect([right.status, right.body.code]).toEqual([429, 'too-many-requests']);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fixture.admin()).token).not.toBeNull();
  });

  it('counts attempts that come at once', async () => {
    const email = `hammered-${Date.now()}@example.org`;
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => fixture.anonymous().post('auth/login', { email, password: 'guess' })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe('other sites', () => {
  it('may not write, whatever they bring', async () => {
    const { token } = await fixture.admin();
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      const answer = await new ApiClient(fixture.url, token).send('POST', 'auth/logout', { headers });
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    }
  });

  it('central itself may', async () => {
    const client = await fixture.admin();
    const answer = await client.send('POST', 'auth/logout', { headers: { origin: fixture.url } });
    expect(answer.status).toBe(204);
  });
});

describe('roles', () => {
  it('are kept: a viewer reads, an operator recognizes, an enroller enrols, an admin does all', async () => {
    const statuses: Record<string, number[]> = {};
    for (const role of ['viewer', 'operator', 'enroller', 'admin'] as const) {
      const client = role === 'admin' ? await fixture.admin() : await fixture.account(role);
      statuses[role] = [
        (await client.get('people')).status,
        (await client.upload('recognize', 'photo', [])).status,
        (await client.post('people', { name: 'Somebody' })).status,
        (await client.post('groups', { id: `group-of-${role}`, name: 'x' })).status,
        (await client.get('accounts')).status,
      ];
    }
    // 400: allowed, but there is no picture.
    expect(statuses).toEqual({
      viewer: [200, 403, 403, 403, 403],
      operator: [200, 400, 403, 403, 403],
      enroller: [200, 400, 201, 403, 403],
      admin: [200, 400, 201, 201, 200],
    });
  });
});

describe('accounts', () => {
  it('are listed page by page, without secrets', async () => {
    const admin = await fixture.admin();
    await fixture.account('viewer');
    await fixture.account('operator');
    const emails: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await admin.get(`accounts?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(JSON.stringify(body)).not.toContain('argon2');
      emails.push(...body.items.map((account: { email: string }) => account.email));
      cursor = body.nextCursor;
    }
    expect(emails).toContain(adminEmail);
    expect(new Set(emails).size).toBe(emails.length);
  });

  it('have one address each', async () => {
    const admin = await fixture.admin();
    const request = { email: 'Twice@Example.org', password: testPassword, role: 'viewer' };
    expect((await admin.post('accounts', request)).status).toBe(201);
    const again = await admin.post('accounts', { ...request, email: 'twice@example.org' });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  });

  it('end with their sessions when they are deleted; the last admin stays', async () => {
    const admin = await fixture.admin();
    const viewer = await fixture.account('viewer');
    const { email } = (await viewer.get('auth/me')).body;
    const { items } = (await admin.get('accounts?limit=500')).body;
    const idOf = (wanted: string) => items.find((account: { email: string }) => account.email === wanted).id;
    expect((await admin.delete(`accounts/${idOf(email)}`)).status).toBe(204);
    expect((await viewer.get('auth/me')).status).toBe(401);
    expect((await admin.delete(`accounts/${idOf(email)}`)).status).toBe(404);
    const last = await admin.delete(`accounts/${idOf(adminEmail)}`);
    expect([last.status, last.body.code]).toEqual([409, 'conflict']);
  });
});

describe('the audit log', () => {
  it('has every sign-in and every write with who, from where and what came of it, and no password', async () => {
    const admin = await fixture.admin();
    await fixture.anonymous().post('auth/login', { email: 'audited@example.org', password: 'Sesame-1234' });
    const { body: person } = await admin.post('people', { name: 'Audited Name' });
    await admin.delete(`people/${person.id}`);
    await admin.delete(`people/${person.id}`);
    const log = await fixture.database.rows<Record<string, string>>('SELECT * FROM audit_log ORDER BY id DESC LIMIT 5');
    expect(log.map(({ action, actor, outcome }) => [action, actor, outcome]).reverse()).toEqual([
      ['auth.login', adminEmail, 'done'],
      ['auth.login', 'audited@example.org', 'wrong-credentials'],
      ['people.create', adminEmail, 'done'],
      ['people.erase', adminEmail, 'done'],
      ['people.erase', adminEmail, 'not-found'],
    ]);
    expect(log.slice(0, 3).map(({ subject }) => subject)).toEqual([person.id, person.id, person.id]);
    expect(log.every(({ address }) => address === '127.0.0.1')).toBe(true);
    expect(JSON.stringify(log)).not.toMatch(/Sesame|Audited Name/);
  });
});

describe('changing the password', () => {
  it('wants the present one, twelve characters and another one', async () => {
    const client = await fixture.account('viewer');
    const change = (currentPassword: string, newPassword: string) =>
      client.post('auth/password', { currentPassword, newPassword });
    expect((await change('wrong', 'a long enough one')).body.code).toBe('wrong-credentials');
    expect((await change(testPassword, 'short')).body.code).toBe('invalid-input');
    expect((await change(testPassword, testPassword)).body.code).toBe('invalid-input');
  });

  it('ends all other sessions of the account', async () => {
    const client = await fixture.account('viewer');
    const { email } = (await client.get('auth/me')).body;
    const other = await fixture.signIn(email, testPassword);
    const answer = await client.post('auth/password', { currentPassword: testPassword, newPassword: 'a new password' });
    expect(answer.status).toBe(204);
    expect((await client.get('auth/me')).status).toBe(200);
    expect((await other.get('auth/me')).status).toBe(401);
    expect((await fixture.anonymous().post('auth/login', { email, password: testPassword })).status).toBe(401);
    expect((await fixture.signIn(email, 'a new password')).token).not.toBeNull();
  });

  it('of the first admin deletes the generated one from the disk', async () => {
    const password = await fixture.generatedPassword();
    const client = await fixture.admin();
    const chosen = 'chosen by the admin';
    expect((await client.post('auth/password', { currentPassword: password, newPassword: chosen })).status).toBe(204);
    await expect(fixture.generatedPassword()).rejects.toThrow('ENOENT');
    expect((await client.get('auth/me')).body.passwordGenerated).toBe(false);
    await fixture.stopCentral();
    await fixture.start();
    expect((await fixture.signIn(adminEmail, chosen)).token).not.toBeNull();
  });
});

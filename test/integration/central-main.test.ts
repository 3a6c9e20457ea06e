import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildMessage, childMessage } from '@latchkey/contracts';
import { eventually, type TemporaryFolder, TestDatabase, temporaryFolder } from '@latchkey/testing';
import { ApiClient } from './api-client.ts';

const program = fileURLToPath(new URL('../../apps/central/dist/main.js', import.meta.url));
const database = new TestDatabase();
let folder: TemporaryFolder;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('apps/central is not built; run "npx tsc -b apps/central" first.');
  await database.start();
  folder = temporaryFolder();
});
afterAll(async () => {
  await database.stop();
  folder.remove();
});

/** Central as `latchkey up` runs it: a process with an IPC channel. */
class CentralRun {
  readonly messages: ChildMessage[] = [];
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  log = '';

  constructor(environment: Record<string, string> = {}) {
    this.child = fork(program, [], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        LATCHKEY_DATABASE_URL: database.url,
        LATCHKEY_DATA_DIR: folder.path,
        LATCHKEY_HTTP_PORT: '0',
        ...environment,
      },
    });
    this.exit = once(this.child, 'exit').then(([code]) => code);
    this.child.on('message', (message) => this.messages.push(childMessage.parse(message)));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes) => {
        this.log += String(bytes);
      });
    }
  }

  message<T extends ChildMessage['type']>(type: T): Promise<Extract<ChildMessage, { type: T }>> {
    return eventually(`"${type}"`, () =>
      this.messages.find((message): message is Extract<ChildMessage, { type: T }> => message.type === type),
    );
  }
}

const runs: CentralRun[] = [];
afterEach(async () => {
  for (const { child, exit } of runs.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

function run(environment?: Record<string, string>): CentralRun {
  const central = new CentralRun(environment);
  runs.push(central);
  return central;
}

describe('central as a process', () => {
  it('says that it is ready, with addresses that answer and the password that signs in', async () => {
    const central = run();
    const { httpUrl, mqttUrl, admin } = await central.message('central-ready');
    expect(new URL(mqttUrl).protocol).toBe('mqtt:');
    const client = new ApiClient(httpUrl, null);
    expect((await client.get('health')).status).toBe(200);
    expect((await client.post('auth/login', { email: admin.email, password: admin.password })).status).toBe(200);
  });

  it('makes devices for its supervisor, and says why it does not', async () => {
    const central = run();
    await central.message('central-ready');
    const requestId = randomUUID();
    central.child.send({ type: 'provision-device', requestId, siteId: 'main', deviceId: 'demo', name: 'Demo' });
    const { identity, ...answer } = await central.message('device-provisioned');
    expect(answer.requestId).toBe(requestId);
    expect(identity).toMatchObject({ siteId: 'main', deviceId: 'demo' });
    central.child.send({ type: 'provision-device', requestId, siteId: 'elsewhere', deviceId: 'demo', name: 'Demo' });
    expect(await central.message('request-failed')).toMatchObject({ requestId, code: 'conflict' });
    central.child.send({ type: 'something else' });
    expect(central.child.exitCode).toBeNull();
  });

  it('tells its supervisor that the first password was changed', async () => {
    const central = run();
    const { httpUrl, admin } = await central.message('central-ready');
    const login = await new ApiClient(httpUrl, null).post('auth/login', { ...admin });
    const client = new ApiClient(httpUrl, login.body.token);
    const change = { currentPassword: admin.password, newPassword: 'chosen by somebody' };
    expect((await client.post('auth/password', change)).status).toBe(204);
    await central.message('admin-password-changed');
    central.child.send({ type: 'stop' });
    expect(await central.exit).toBe(0);
    const again = run();
    expect((await again.message('central-ready')).admin.password).toBeNull();
  });

  it('stops with code 0 when it is told to, by message or by signal, and when its supervisor is gone', async () => {
    const stops: ((central: CentralRun) => unknown)[] = [
      ({ child }) => child.send({ type: 'stop' }),
      ({ child }) => child.kill('SIGTERM'),
      ({ child }) => child.kill('SIGINT'),
      ({ child }) => child.disconnect(),
    ];
    for (const stop of stops) {
      const central = run();
      await central.message('central-ready');
      stop(central);
      expect(await central.exit).toBe(0);
    }
  });

  it('stops at once while it is still starting', async () => {
    const central = run();
    await eventually('it has begun', () => central.log !== '');
    central.child.kill('SIGTERM');
    expect(await central.exit).toBe(0);
  });

  it('writes one JSON object a line, without passwords or tokens', async () => {
    const central = run({ LATCHKEY_LOG_LEVEL: 'trace' });
    const { httpUrl } = await central.message('central-ready');
    const client = new ApiClient(httpUrl, 'a-token-that-must-not-be-logged');
    await client.post('auth/login', { email: 'a@example.org', password: 'Sesame-1234' });
    await client.get('people?search=Somebody');
    central.child.kill('SIGTERM');
    await central.exit;
    const lines = central.log.trim().split('\n');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(lines.some((line) => JSON.parse(line).req?.path === '/api/people')).toBe(true);
    expect(central.log).not.toMatch(/Sesame|must-not-be-logged|Somebody/);
  });

  it('ends with code 2 for a configuration that is wrong, and says what is', async () => {
    const central = run({ LATCHKEY_HTTP_PORT: 'eighty' });
    expect(await central.exit).toBe(2);
    expect(central.log).toContain('LATCHKEY_HTTP_PORT');
  });

  it('ends with another code when it cannot listen, and leaves nothing running', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const central = run({ LATCHKEY_HTTP_PORT: `${port}` });
    expect(await central.exit).toBe(1);
    expect(central.log).toContain('EADDRINUSE');
    server.close();
  });
});

import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentStatus, agentSocketPath } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { EventFeed } from './event-feed.ts';
import { LocalSocket } from './local-socket.ts';

const ada = '018f3a5e-0000-7000-8000-000000000001';

describe('the agent’s socket', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  const working = () => ({ deviceId: 'door' }) as AgentStatus;
  const socketIn = (agentDir: string, status: () => AgentStatus = working) =>
    new LocalSocket({
      agentDir,
      feed: new EventFeed({
        recorder: { onRecorded: () => () => undefined },
        nameOf: () => null,
        clock: new ManualClock(),
        format: String,
      }),
      status,
      claim: ({ personId, forS }) => personId === ada && forS === 15,
      logger: pino({ level: 'silent' }),
    });

  const statusCode = (agentDir: string, path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = get({ socketPath: join(agentDir, agentSocketPath), path, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
    });

  it('answers where a killed agent left its own, knows nothing else, and is gone after the end', async () => {
    mkdirSync(folder.file('run'));
    writeFileSync(folder.file(agentSocketPath), '');
    const socket = socketIn(folder.path);
    await socket.start();
    await socket.start();
    expect(await statusCode(folder.path, '/status')).toBe(200);
    expect(await statusCode(folder.path, '/keys')).toBe(404);
    await socket.stop();
    await socket.stop();
    expect(existsSync(folder.file(agentSocketPath))).toBe(false);
  });

  it('says that it cannot tell while the disk cannot be read, and lives', async () => {
    let broken = true;
    const socket = socketIn(folder.path, () => {
      if (broken) throw new LatchkeyError('storage-failed', 'The disk is broken.');
      return working();
    });
    await socket.start();
    expect(await statusCode(folder.path, '/status')).toBe(503);
    broken = false;
    expect(await statusCode(folder.path, '/status')).toBe(200);
    await socket.stop();
  });

  it.each([
    ['of somebody whom the device knows', JSON.stringify({ personId: ada }), 204],
    ['of a stranger', JSON.stringify({ personId: ada.replace('1', '2') }), 404],
    ['without a person', '{}', 400],
    ['that is no JSON', '{', 400],
    ['that does not end', 'x'.repeat(5_000), 400],
  ])('answers a claim %s', async (_, body, status) => {
    const socket = socketIn(folder.path);
    await socket.start();
    const asked = request({ socketPath: folder.file(agentSocketPath), path: '/claim', method: 'POST', agent: false });
    asked.on('error', () => undefined).end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
    await socket.stop();
  });

  it('is not there where the folder’s path leaves no room for it', async () => {
    const deep = folder.file('a'.repeat(100));
    mkdirSync(deep);
    const socket = socketIn(deep);
    await socket.start();
    expect(existsSync(join(deep, 'run'))).toBe(false);
    await socket.stop();
  });
});

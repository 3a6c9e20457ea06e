import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { Deferred } from './deferred.ts';
import { PartLog } from './part-log.ts';
import { SupervisedProcess } from './supervised-process.ts';

describe('SupervisedProcess', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  it('stopped before its ports are found, says so and starts nothing', async () => {
    const asked = new Deferred<void>();
    const ports = new Deferred<void>();
    let pids = 0;
    const supervised = new SupervisedProcess({
      name: 'agent',
      program: folder.file('never.mjs'),
      log: new PartLog(folder.file('agent.log')),
      readyOn: 'agent-ready',
      environment: async () => {
        asked.resolve();
        await ports.promise;
        return {};
      },
      onReady: () => '',
      onMessage: () => undefined,
      onPid: () => {
        pids++;
      },
      announce: () => undefined,
    });
    const started = supervised.start();
    await asked.promise;
    await supervised.stop();
    ports.resolve();
    await expect(started).rejects.toThrow('stopped while it started');
    expect(pids).toBe(0);
    expect(supervised.pid).toBeNull();
  });
});

import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentIdentity, decodePayload } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { ManualClock, MemoryBus } from '@latchkey/testing';
import { pino } from 'pino';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import { FirstGauges } from '../telemetry/machine-gauges.ts';
import { DevicePresence } from './device-presence.ts';
import { PresenceReporter } from './presence-reporter.ts';

const identity: AgentIdentity = {
  siteId: 'main',
  deviceId: 'front',
  mqtt: { url: 'mqtt://127.0.0.1:1', username: 'front', password: 'x' },
  trustedKeys: [],
};
const topic = 'latchkey/v1/main/front/presence';

describe('presence of a device', () => {
  let bus: MemoryBus;
  let clock: ManualClock;
  let presence: DevicePresence;
  let reporter: PresenceReporter;
  let brokenDisk: LatchkeyError | null;
  let logged: string[];

  beforeEach(() => {
    bus = new MemoryBus();
    brokenDisk = null;
    logged = [];
    clock = new ManualClock();
    presence = new DevicePresence(identity, clock, randomUUID, { agentVersion: '1', modelId: 'm', engine: 'onnx' });
    reporter = new PresenceReporter({
      messenger: bus.client(),
      identity,
      presence,
      statistics: new RecognitionStatistics(0),
      cameras: () => [],
      outbox: () => {
        if (brokenDisk) throw brokenDisk;
        return { streamId: randomUUID(), pending: 0, pendingBytes: 0, acked: 0, quarantined: 0, databaseEpoch: 0 };
      },
      clock,
      clockTrusted: () => true,
      engine: 'onnx',
      galleryLocked: () => false,
      machine: new FirstGauges([]),
      logger: pino({ level: 'error' }, { write: (line) => logged.push(line) }),
    });
    reporter.start();
  });

  const said = () => bus.on(topic).map((text) => decodePayload('presence', text));

  it('is a birth at every connect, with the session of that connection’s Will', async () => {
    for (let connection = 0; connection < 2; connection++) {
      clock.advance(1_000);
      const will = decodePayload('presence', presence.will().payload);
      bus.up();
      await bus.idle();
      expect(said().at(-1)).toEqual({ ...will, state: 'online' });
      bus.down();
    }
    const [first, second] = said();
    expect(first?.sessionId).not.toBe(second?.sessionId);
    expect(Date.parse(second?.since ?? '')).toBeGreaterThan(Date.parse(first?.since ?? ''));
    await reporter.stop();
  });

  it('ends with a farewell of the same session, retained', async () => {
    presence.will();
    bus.up();
    await reporter.stop();
    await bus.idle();
    const [birth, farewell] = said();
    expect(farewell).toEqual({ ...birth, state: 'offline' });
    expect(bus.messages.every(({ retain }) => retain)).toBe(true);
  });

  it('goes on when telemetry cannot read the disk, and says so once per kind of failure', async () => {
    const telemetry = () => bus.on('latchkey/v1/main/front/telemetry').length;
    bus.up();
    for (const code of ['storage-failed', 'storage-failed', 'storage-corrupt', 'storage-corrupt'] as const) {
      brokenDisk = new LatchkeyError(code, 'The disk is broken.');
      await reporter.tell();
    }
    expect(logged).toHaveLength(2);
    expect(telemetry()).toBe(0);

    brokenDisk = null;
    await reporter.tell();
    await bus.idle();
    expect(telemetry()).toBe(1);
    await reporter.stop();
  });

  it('ends without a broker too', async () => {
    await reporter.stop();
    await reporter.stop();
    expect(said()).toEqual([]);
  });
});

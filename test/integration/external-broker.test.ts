import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AgentIdentity, buildTopic, type DeviceView, encodePayload } from '@latchkey/contracts';
import { eventually, findMosquitto, MosquittoProcess, temporaryFolder } from '@latchkey/testing';
import { aFace, anEvent } from './raw-device.ts';
import { RunningCentral } from './running-central.ts';

const installed = findMosquitto() !== null;
if (!installed) console.warn('Mosquitto is not installed: central is not tested with an external broker.');

(installed ? describe : describe.skip)('central with an external broker', () => {
  const folder = temporaryFolder();
  const broker = new MosquittoProcess({ folder: folder.path });
  let running: RunningCentral;
  let identity: AgentIdentity;

  beforeAll(async () => {
    await broker.start();
    running = new RunningCentral({ mqttUrl: broker.url });
    await running.start();
    identity = await running.makeDevice('door-1');
  });
  afterAll(async () => {
    await running?.stop();
    await broker.kill();
    folder.remove();
  });

  it("gives devices the broker's address and credentials of their own, never central's", () => {
    expect(identity.mqtt.url.replace(/\/$/, '')).toBe(broker.url.replace(/\/$/, ''));
    expect(identity.mqtt.username).toBe('main/door-1');
  });

  it('takes events and acknowledges them, also after the broker was gone', async () => {
    const device = await running.connect(identity);
    const streamId = randomUUID();
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await device.untilCommitted(streamId, 1);

    await broker.kill();
    await broker.start();
    await eventually('the device is back', () => device.session.connected);
    const second = anEvent('unknown', aFace(), { streamId, seq: 2 });
    await eventually('the acknowledgement', async () => {
      // As an outbox does: again until it is acknowledged.
      await device.send(second).catch(() => undefined);
      return device.committed(streamId).includes(2);
    });
    const rows = await running.database.rows('SELECT FROM event WHERE stream_id = $1', [streamId]);
    expect(rows).toHaveLength(2);
    await device.stop();
  });

  it('knows after a restart who is online, from what the broker retains', async () => {
    const device = await running.connect(identity);
    const presence = {
      state: 'online' as const,
      sessionId: randomUUID(),
      since: '2026-05-01T10:00:00.000Z',
      agentVersion: '1.2.3',
      modelId: null,
      engine: null,
    };
    const topic = buildTopic('presence', { site: 'main', device: 'door-1' });
    await device.session.publish(topic, encodePayload('presence', presence), { retain: true });
    await eventually('online', async () => (await running.get<DeviceView>('devices/door-1')).online);
    await running.stopCentral();
    await running.startCentral();
    await eventually('online again', async () => (await running.get<DeviceView>('devices/door-1')).online);
  });
});

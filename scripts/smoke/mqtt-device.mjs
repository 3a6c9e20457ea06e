import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} checkout
 * @returns {Promise<any>} the `mqtt` package of the checkout
 */
async function mqttOf(checkout) {
  const fromLink = createRequire(join(checkout, 'libs/link/package.json'));
  return (await import(pathToFileURL(fromLink.resolve('mqtt')).href)).default;
}

/**
 * Whether the broker lets somebody in with these credentials.
 * @param {string} checkout
 * @param {string} url
 * @param {{ username?: string, password?: string, clientId?: string }} credentials
 */
export async function mayConnect(checkout, url, credentials) {
  const mqtt = await mqttOf(checkout);
  try {
    const client = await mqtt.connectAsync(url, {
      ...credentials,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 5000,
    });
    await client.endAsync(true);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sends one event as a device does and waits for its exact acknowledgement.
 * @param {string} checkout
 * @param {{ siteId: string, deviceId: string, mqtt: { url: string, username: string, password: string } }} identity
 * @returns {Promise<string>} id of the event
 */
export async function sendEventAndWaitForAck(checkout, identity) {
  const mqtt = await mqttOf(checkout);
  const { bodyHashOf, uuidV7 } = await import(pathToFileURL(join(checkout, 'libs/domain/dist/index.js')).href);
  const { url, username, password } = identity.mqtt;
  const client = await mqtt.connectAsync(url, { username, password, clientId: username, protocolVersion: 4 });
  const topic = `latchkey/v1/${identity.siteId}/${identity.deviceId}`;
  const body = { state: 'started', message: 'smoke test' };
  const now = new Date();
  const event = {
    streamId: randomUUID(),
    seq: 1,
    id: uuidV7(now.getTime(), randomBytes(16)),
    kind: 'health',
    occurredAt: now.toISOString(),
    clockOffsetMs: null,
    clockTrusted: false,
    bodyHash: bodyHashOf(body),
    body,
  };
  try {
    await client.subscribeAsync(`${topic}/ack`, { qos: 1 });
    const acknowledged = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no acknowledgement came')), 20_000);
      client.on('message', (_topic, payload) => {
        const ack = JSON.parse(JSON.parse(payload.toString()).payload);
        if (ack.streamId !== event.streamId) return;
        clearTimeout(timer);
        resolve(ack.ranges);
      });
    });
    await client.publishAsync(`${topic}/event/health`, JSON.stringify(event), { qos: 1 });
    const ranges = await acknowledged;
    if (JSON.stringify(ranges) !== '[[1,1]]')
      throw new Error(`acknowledged were ${JSON.stringify(ranges)}, not [[1,1]]`);
    return event.id;
  } finally {
    await client.endAsync(true);
  }
}

import { on } from 'node:events';
import { parentPort } from 'node:worker_threads';
import {
  type AgentIdentity,
  ackMessage,
  buildTopic,
  deviceAudience,
  deviceClientId,
  parseJson,
} from '@latchkey/contracts';
import { MqttSession, openSigned } from '@latchkey/link';
import { benchEvents } from './ingest-events.ts';

/** What the thread is to do. */
export interface FleetOrder {
  readonly identities: readonly AgentIdentity[];
  readonly eventsOfEach: number;
}

/** From the first publish to the last acknowledgement. */
export interface FleetResult {
  readonly seconds: number;
}

/** Events in flight without acknowledgement, as the outbox's uplink has them. */
const window = 200;

/** A device that sends ready messages as fast as it is acknowledged. */
class BenchDevice {
  readonly #session: MqttSession;
  readonly #topic: string;
  readonly #events: readonly string[];
  readonly #done: Promise<void>;
  #sent = 0;
  #acknowledged = 0;

  constructor(identity: AgentIdentity, count: number) {
    const { siteId: site, deviceId: device, trustedKeys, mqtt } = identity;
    this.#events = benchEvents(count);
    this.#topic = buildTopic('event', { site, device, kind: 'unknown' });
    this.#session = new MqttSession({ ...mqtt, clientId: deviceClientId(site, device) });
    const topic = buildTopic('ack', { site, device });
    this.#done = new Promise((resolve) => {
      this.#session.subscribe(topic, ({ payload }) => {
        const text = openSigned(payload, {
          topic,
          audience: deviceAudience(site, device),
          purpose: 'ack',
          trustedKeys,
        });
        for (const [from, to] of ackMessage.parse(parseJson('ack', text)).ranges) this.#acknowledged += to - from + 1;
        if (this.#acknowledged >= this.#events.length) resolve();
        this.#send();
      });
    });
  }

  async connect(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#session.onConnected(resolve);
      this.#session.start();
    });
  }

  async run(): Promise<void> {
    this.#send();
    await this.#done;
  }

  async stop(): Promise<void> {
    await this.#session.stop();
  }

  #send(): void {
    while (this.#sent < this.#events.length && this.#sent - this.#acknowledged < window) {
      void this.#session.publish(this.#topic, this.#events[this.#sent++] ?? '');
    }
  }
}

/** Carries out one order after another and answers each. */
async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  for await (const [order] of on(port, 'message')) {
    const { identities, eventsOfEach } = order as FleetOrder;
    const fleet = identities.map((identity) => new BenchDevice(identity, eventsOfEach));
    await Promise.all(fleet.map((device) => device.connect()));
    const started = performance.now();
    await Promise.all(fleet.map((device) => device.run()));
    const seconds = (performance.now() - started) / 1000;
    await Promise.all(fleet.map((device) => device.stop()));
    port.postMessage({ seconds } satisfies FleetResult);
  }
}

if (parentPort) await serve(parentPort);

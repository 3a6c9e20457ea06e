import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildTopic, deviceAudience, type EventEnvelope, type TrustedKey } from '@latchkey/contracts';
import { EventUplink, type EventUplinkOptions, LocalDatabase, MqttSession, Outbox, SigningKeys } from '@latchkey/link';
import {
  EmbeddedTestBroker,
  eventually,
  findMosquitto,
  ManualClock,
  MemoryCentral,
  type MemoryCentralOptions,
  MosquittoTestBroker,
  type TestBroker,
  temporaryFolder,
} from '@latchkey/testing';

const installed = findMosquitto() !== null;
const folder = temporaryFolder();
const brokers: [string, () => TestBroker][] = [
  ['the embedded broker', () => new EmbeddedTestBroker()],
  ...(installed ? [['Mosquitto', () => new MosquittoTestBroker(folder.path)] as [string, () => TestBroker]] : []),
];
const keys = SigningKeys.loadOrCreate(folder.file('keys'));
afterAll(() => folder.remove());

const site = 'lab';
const device = 'door-1';
let serial = 0;
const ackTopic = buildTopic('ack', { site, device });

interface Device {
  readonly database: LocalDatabase;
  readonly outbox: Outbox;
  readonly session: MqttSession;
  readonly uplink: EventUplink;
  stop(): Promise<void>;
}

describe.each(brokers)('EventUplink on %s', (_, makeBroker) => {
  let broker = makeBroker();
  const devices: Device[] = [];
  const centrals: MemoryCentral[] = [];

  beforeEach(async () => {
    broker = makeBroker();
    await broker.start();
  });
  afterEach(async () => {
    for (const made of devices.splice(0)) await made.stop();
    for (const made of centrals.splice(0)) await made.stop();
    await broker.crash();
  });

  function aDevice(options: Partial<EventUplinkOptions> = {}): Device {
    const path = folder.file(`device-${serial++}.db`);
    const database = LocalDatabase.open({ path, encryptionKeyHex: '5a'.repeat(32) });
    const outbox = new Outbox({ database, clock: new ManualClock(), randomBytes });
    outbox.open();
    const session = new MqttSession({
      url: broker.url,
      clientId: `device-${serial}`,
      username: device,
      password: 'secret',
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
    });
    const uplink = new EventUplink({
      outbox,
      session,
      siteId: site,
      deviceId: device,
      trustedKeys: keys.trustedKeys(),
      clockState: () => ({ clockOffsetMs: null, clockTrusted: false }),
      resendAfterMs: 100,
      maxResendMs: 400,
      ...options,
    });
    const stop = async () => {
      await uplink.stop();
      await session.stop();
      outbox.close();
      database.close();
    };
    const made = { database, outbox, session, uplink, stop };
    devices.push(made);
    return made;
  }

  function startDevice(made: Device): void {
    made.uplink.start();
    made.session.start();
  }

  async function startCentral(options: Partial<MemoryCentralOptions> = {}): Promise<MemoryCentral> {
    const central = new MemoryCentral({ url: broker.url, keys, ...options });
    centrals.push(central);
    central.start();
    await eventually('central connected', () => central.connected);
    return central;
  }

  function append({ outbox }: Device, count: number): EventEnvelope[] {
    return Array.from({ length: count }, (_, i) =>
      outbox.append({
        kind: 'health',
        body: { state: 'started', message: `${i}` },
        thumbnail: 'AAEC',
        clockOffsetMs: null,
        clockTrusted: false,
      }),
    );
  }

  /** Somebody else who may publish on the device's ack topic. */
  async function stranger(): Promise<MqttSession> {
    const session = new MqttSession({ url: broker.url, clientId: 'stranger', username: 'x', password: 'y' });
    session.start();
    await eventually('stranger connected', () => session.connected);
    devices.push({ ...aDevice(), stop: () => session.stop() });
    return session;
  }

  it('brings every event with its picture into the log once, in order, and empties the outbox', async () => {
    const central = await startCentral();
    const agent = aDevice();
    const before = append(agent, 450);
    startDevice(agent);
    await eventually('connected', () => agent.session.connected);
    const after = append(agent, 50);
    await agent.uplink.drained();
    expect(central.committed).toEqual([...before, ...after]);
    expect(agent.outbox.stats()).toMatchObject({ pending: 0, acked: 500 });
  });

  it('keeps everything while nobody acknowledges, and burdens the broker with one event only', async () => {
    const central = await startCentral();
    central.acknowledges = false;
    const agent = aDevice({ window: 20 });
    append(agent, 100);
    startDevice(agent);
    await eventually('some resends', () => central.arrived >= 3);
    expect(agent.outbox.stats().pending).toBe(100);
    expect(central.committed.map(({ seq }) => seq)).toEqual([1]);
    central.acknowledges = true;
    await agent.uplink.drained();
    expect(central.committed.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it('never has more in flight than its window', async () => {
    const central = await startCentral({ acknowledgesFirst: 1 });
    const agent = aDevice({ window: 20, resendAfterMs: 60_000, maxResendMs: 120_000 });
    append(agent, 100);
    startDevice(agent);
    await eventually('the window is full', () => central.arrived === 21);
    const marker = await stranger();
    await marker.publish(buildTopic('event', { site, device, kind: 'health' }), JSON.stringify(anEventOf(agent)));
    await eventually('the marker', () => central.arrived === 22);
    expect(agent.outbox.stats()).toMatchObject({ acked: 1, pending: 100 });
  });

  it('keeps the order although events were lost while central did not listen', async () => {
    const agent = aDevice();
    append(agent, 30);
    startDevice(agent);
    await eventually('connected', () => agent.session.connected);
    const central = await startCentral();
    append(agent, 30);
    await agent.uplink.drained();
    expect(central.committed.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  it('sends a lost event again although newer ones keep being acknowledged', async () => {
    const central = await startCentral({ loses: (event, copy) => event.seq % 7 === 0 && copy < 3 });
    const agent = aDevice({ window: 30 });
    append(agent, 100);
    startDevice(agent);
    await agent.uplink.drained();
    expect(central.committed.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });

  it('goes on after the broker died in the middle', async () => {
    const central = await startCentral();
    const agent = aDevice({ window: 10 });
    append(agent, 300);
    startDevice(agent);
    await eventually('some are there', () => central.committed.length > 50);
    await broker.crash();
    append(agent, 50);
    await broker.start();
    await agent.uplink.drained();
    expect(new Set(central.committed.map(({ seq }) => seq)).size).toBe(350);
    expect(central.committed).toHaveLength(350);
  });

  it('moves what central refuses into the quarantine and delivers the rest', async () => {
    const central = await startCentral({ rejects: ({ seq }) => (seq === 3 ? 'invalid-payload' : null) });
    const agent = aDevice();
    append(agent, 5);
    startDevice(agent);
    await agent.uplink.drained();
    expect(central.committed.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
    expect(agent.outbox.quarantined().map(({ envelope }) => envelope.seq)).toEqual([3]);
  });

  it('sends committed events again when central was restored from a backup', async () => {
    const central = await startCentral();
    const agent = aDevice();
    const old = append(agent, 20);
    startDevice(agent);
    await agent.uplink.drained();
    central.restoreToNothing();
    const fresh = append(agent, 1);
    await eventually('everything is back', () => central.committed.length === 21);
    await agent.uplink.drained();
    const bySeq = [...central.committed].sort((a, b) => a.seq - b.seq);
    expect(bySeq).toEqual([...old, ...fresh]);
  });

  it('tells once of acknowledgements of an older database, which empty nothing', async () => {
    const problems: string[] = [];
    const agent = aDevice({ onProblem: ({ message }) => problems.push(message) });
    agent.outbox.noticeDatabaseEpoch(2);
    append(agent, 1);
    const central = await startCentral();
    startDevice(agent);
    await eventually('it was sent again and again', () => central.arrived >= 4);
    expect(agent.outbox.stats().pending).toBe(1);
    expect(problems).toEqual([expect.stringMatching(/void: it is of database epoch 1, central has announced 2/)]);
    central.databaseEpoch = 2;
    await agent.uplink.drained();
  });

  it('sends what it could not read at its connect as soon as the disk gives it', async () => {
    const problems: string[] = [];
    const agent = aDevice({ onProblem: ({ message }) => problems.push(message) });
    const events = append(agent, 2);
    const central = await startCentral();
    agent.database.execute('ALTER TABLE outbox_event RENAME TO outbox_event_away');
    startDevice(agent);
    await eventually('a read that failed', () => problems.some((problem) => problem.includes('could not be read')));
    agent.database.execute('ALTER TABLE outbox_event_away RENAME TO outbox_event');
    await agent.uplink.drained();
    expect(central.committed).toEqual(events);
  });

  it('deletes nothing for the late acknowledgement of an outbox that was wiped', async () => {
    const central = await startCentral();
    central.acknowledges = false;
    const wiped = aDevice();
    const lost = append(wiped, 5);
    startDevice(wiped);
    await eventually('committed', () => central.committed.length === 1);
    await wiped.stop();

    const renewed = aDevice();
    append(renewed, 5);
    startDevice(renewed);
    await eventually('one of the new ones is committed', () => central.committed.length === 2);
    const streamId = lost[0]?.streamId ?? '';
    await central.acknowledge(site, device, { streamId, ranges: [[1, 5]], rejected: [], databaseEpoch: 1 });
    // The epoch of the late acknowledgement is the proof that it was taken.
    await eventually('the late one was read', () => renewed.outbox.stats().databaseEpoch === 1);
    expect(renewed.outbox.stats()).toMatchObject({ pending: 5, acked: 0 });
    central.acknowledges = true;
    await renewed.uplink.drained();
    expect(central.committed).toHaveLength(6);
  });

  it.each<[string, (event: EventEnvelope, foreign: SigningKeys) => string]>([
    [
      'unsigned',
      ({ streamId, seq }) => JSON.stringify({ streamId, ranges: [[seq, seq]], rejected: [], databaseEpoch: 1 }),
    ],
    ['signed by somebody else', (event, foreign) => foreign.sign('ack', signedAck(event))],
    [
      'signed for another device',
      (event) => keys.sign('ack', { ...signedAck(event), audience: deviceAudience(site, 'door-2') }),
    ],
    ['signed with the key of another purpose', (event) => keys.sign('gallery', signedAck(event))],
  ])('empties nothing for an acknowledgement that is %s, and tells of it', async (_name, forge) => {
    const agent = aDevice();
    startDevice(agent);
    await eventually('connected', () => agent.session.connected);
    const [event] = append(agent, 1);
    if (!event) throw new Error('no event');
    const attacker = await stranger();
    const forged = forge(event, SigningKeys.loadOrCreate(folder.file(`foreign-${serial++}`)));
    // Ten times: one record is enough.
    for (let i = 0; i < 10; i++) await attacker.publish(ackTopic, forged);
    await eventually('recorded', () => agent.outbox.stats().pending === 2);
    const pending = agent.outbox.pending({ limit: 10 }).map(({ envelope }) => envelope);
    expect(pending[0]).toEqual(event);
    expect(pending[1]).toMatchObject({ kind: 'tamper', body: { what: 'signature-invalid', topic: ackTopic } });
    expect(pending).toHaveLength(2);
  });

  it('ignores an acknowledgement that the broker had kept, however well it is signed', async () => {
    const agent = aDevice();
    const [event] = append(agent, 1);
    if (!event) throw new Error('no event');
    const attacker = await stranger();
    await attacker.publish(ackTopic, keys.sign('ack', signedAck(event)), { retain: true });
    startDevice(agent);
    await eventually('recorded', () => agent.outbox.stats().pending === 2);
    const tamper = agent.outbox.pending({ limit: 10 })[1]?.envelope;
    expect(tamper).toMatchObject({ kind: 'tamper', body: { what: 'retained' } });
  });

  it('takes acknowledgements of two keys while one replaces the other', async () => {
    const renewed = SigningKeys.loadOrCreate(folder.file(`renewed-${serial++}`));
    const both: TrustedKey[] = [...keys.trustedKeys(), ...renewed.trustedKeys()];
    for (const signer of [keys, renewed]) {
      const central = await startCentral({ keys: signer });
      const agent = aDevice({ trustedKeys: both });
      append(agent, 3);
      startDevice(agent);
      await agent.uplink.drained();
      await agent.stop();
      await central.stop();
    }
  });

  it('can be started and stopped twice', async () => {
    const central = await startCentral();
    const agent = aDevice();
    startDevice(agent);
    startDevice(agent);
    await agent.uplink.stop();
    await agent.uplink.stop();
    append(agent, 2);
    agent.uplink.start();
    await agent.uplink.drained();
    expect(central.committed).toHaveLength(2);
  });
});

/** A further event of a device, which its uplink does not send. */
function anEventOf({ outbox }: Device): EventEnvelope {
  return outbox.append({
    kind: 'health',
    body: { state: 'started', message: 'marker' },
    clockOffsetMs: null,
    clockTrusted: false,
  });
}

function signedAck({ streamId, seq }: EventEnvelope) {
  const payload = JSON.stringify({ streamId, ranges: [[seq, seq]], rejected: [], databaseEpoch: 1 });
  return { topic: ackTopic, audience: deviceAudience(site, device), payload };
}

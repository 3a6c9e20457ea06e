import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentIdentity, type DesiredConfig, firstDoorPolicy, type ReportedConfig } from '@latchkey/contracts';
import { type LocalDatabase, SigningKeys } from '@latchkey/link';
import { ManualClock, MemoryBus, ScriptedCentral, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { TamperLog } from '../events/tamper-log.ts';
import { SignedInbox } from '../messages/signed-inbox.ts';
import { openAgentDatabase } from '../store/agent-database.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { DeviceConfiguration } from './device-configuration.ts';

const silent = pino({ level: 'silent' });
const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };

function aConfig(revision: number, changes: Partial<DesiredConfig> = {}): DesiredConfig {
  return { revision, groupIds: ['staff'], door: { ...firstDoorPolicy, holdOpenMs: 3_000 }, schedules: [], ...changes };
}

describe('configuration of a device', () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;
  let bus: MemoryBus;
  let central: ScriptedCentral;
  let configuration: DeviceConfiguration;

  function aConfiguration(): DeviceConfiguration {
    const keys = SigningKeys.loadOrCreate(folder.file('central-keys'));
    const identity: AgentIdentity = {
      siteId: 'main',
      deviceId: 'front',
      mqtt: { url: 'mqtt://127.0.0.1:1', username: 'front', password: 'x' },
      trustedKeys: [...keys.trustedKeys()],
    };
    const clock = new ManualClock();
    const recorder = new EventRecorder({ append: () => ({}) } as unknown as EventStore, () => stamp, silent);
    const inbox = new SignedInbox(bus.client(), identity, new TamperLog(recorder, clock, silent), silent);
    central = new ScriptedCentral({
      messenger: bus.client(),
      keys,
      siteId: 'main',
      deviceId: 'front',
      now: () => clock.now(),
    });
    return new DeviceConfiguration(bus.client(), inbox, identity, new SettingsRepository(database), silent);
  }

  async function configure(config: DesiredConfig): Promise<void> {
    central.configure(config);
    await bus.idle();
  }

  function reported(): ReportedConfig {
    return JSON.parse(bus.on('latchkey/v1/main/front/config/reported').at(-1) ?? 'null') as ReportedConfig;
  }

  beforeEach(() => {
    folder = temporaryFolder();
    database = openAgentDatabase(folder.path, 'x', () => null).database;
    bus = new MemoryBus();
    configuration = aConfiguration();
    configuration.start();
    bus.up();
  });

  afterEach(async () => {
    await configuration.stop();
    database.close();
    folder.remove();
  });

  it('has no groups and a careful door before central ever spoke', () => {
    expect(configuration.current).toMatchObject({
      revision: 0,
      groupIds: [],
      door: { policy: 'door', votesNeeded: 2 },
    });
  });

  it('takes a higher revision, tells who listens, and reports it', async () => {
    const heard: number[] = [];
    configuration.onChange(({ revision }) => heard.push(revision));
    await configure(aConfig(3));
    expect(configuration.current).toEqual(aConfig(3));
    expect(heard).toEqual([3]);
    expect(reported()).toEqual({ revision: 3, accepted: true, message: null });
  });

  it('refuses a lower revision and says why', async () => {
    await configure(aConfig(3));
    await configure(aConfig(2, { groupIds: ['everybody'] }));
    expect(configuration.current.groupIds).toEqual(['staff']);
    expect(reported()).toMatchObject({ revision: 3, accepted: false, message: expect.stringContaining('older') });
  });

  it('refuses the same revision with other content, and takes it with the same', async () => {
    await configure(aConfig(3));
    await configure(aConfig(3, { groupIds: [] }));
    expect(reported()).toMatchObject({ accepted: false });
    await configure(aConfig(3));
    expect(reported()).toMatchObject({ revision: 3, accepted: true });
  });

  it.each([
    ['a number out of range', { door: { ...firstDoorPolicy, votesNeeded: 0 } }, /door\.votesNeeded/],
    [
      'more frames that agree than are looked at',
      { door: { ...firstDoorPolicy, votesNeeded: 4, votesWindow: 3 } },
      /door\.votesNeeded: 4 frames/,
    ],
    [
      'a zone that nobody knows',
      { door: { ...firstDoorPolicy, rules: { ...firstDoorPolicy.rules, timeZone: 'Mars/Olympus' } } },
      /door\.rules\.timeZone.*time zone/,
    ],
    [
      'a time that is none',
      { schedules: [{ id: 'day', weekly: [{ days: [1], from: '8:00', to: '18:00' }], exceptions: [] }] },
      /schedules\.0\.weekly\.0\.from.*HH:MM/,
    ],
  ])('refuses %s, says why, and goes on with what runs', async (_, changes, message) => {
    await configure(aConfig(3));
    await configure(aConfig(4, changes));
    expect(configuration.current).toEqual(aConfig(3));
    expect(reported()).toMatchObject({ revision: 3, accepted: false, message: expect.stringMatching(message) });
    await configure(aConfig(5));
    expect(reported()).toEqual({ revision: 5, accepted: true, message: null });
  });

  it('knows the schedules that central sent', async () => {
    const day = { id: 'day', weekly: [{ days: [1], from: '08:00', to: '18:00' }], exceptions: [] };
    await configure(aConfig(3, { schedules: [day] }));
    expect(configuration.schedule('day')).toEqual(day);
    expect(configuration.schedule('night')).toBeNull();
  });

  it('refuses what it cannot store', async () => {
    database.execute(`CREATE TRIGGER no_space BEFORE INSERT ON setting BEGIN SELECT RAISE(FAIL, 'disk'); END`);
    await configure(aConfig(3));
    expect(configuration.current.revision).toBe(0);
    expect(reported()).toMatchObject({ revision: 0, accepted: false });
  });

  it('runs by the last one after a restart, with the broker away', async () => {
    await configure(aConfig(3));
    await configuration.stop();
    bus.down();
    configuration = aConfiguration();
    configuration.start();
    expect(configuration.current).toEqual(aConfig(3));
  });
});

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type AgentLine, type AgentStatus, firstDoorPolicy } from '@latchkey/contracts';
import { contentHashOfRows } from '@latchkey/domain';
import { aFace, anImage, scriptedModel } from '@latchkey/testing';
import { askAgentStatus, watchAgent } from '../../apps/cli/src/agent/agent-socket.ts';
import { openAgentDatabase } from '../../apps/edge-agent/src/store/agent-database.ts';
import { GalleryRepository } from '../../apps/edge-agent/src/store/gallery.repository.ts';
import { SettingsRepository } from '../../apps/edge-agent/src/store/settings.repository.ts';
import { CommandedDevice } from './commanded-device.ts';

const ada = randomUUID();
const face = aFace([1, 0, 0, 0]);

let device: CommandedDevice;

beforeEach(() => {
  // Central is not there.
  const mqtt = { url: 'mqtt://127.0.0.1:1', username: 'main/front', password: 'x' };
  device = new CommandedDevice({ siteId: 'main', deviceId: 'front', mqtt, trustedKeys: [] });
});
afterEach(() => device.remove());

/** A disk with Ada in a gallery, and what is stored as configuration. */
function aDisk(configuration: unknown): void {
  const { database } = openAgentDatabase(device.agentDir, 'x', () => null);
  const repository = new GalleryRepository(database);
  const { values } = face.encoding ?? { values: new Float32Array(4) };
  const encoding = { encodingId: randomUUID(), personId: ada, modelId: scriptedModel.id, values };
  repository.stage('staff', 1, [{ personId: ada, name: 'Ada', always: true }], [encoding]);
  const contentHash = contentHashOfRows(repository.content('staff', 1));
  repository.swap({ groupId: 'staff', generation: 1, epoch: 1, revision: 2, logHash: 'x', contentHash });
  new SettingsRepository(database).write('desired-config', configuration);
  database.close();
}

interface Told {
  readonly verification: AgentLine;
  readonly status: AgentStatus;
}

/** What the device decides about Ada before its door, and how it says that it is. */
async function adaComes(): Promise<Told | null> {
  await device.start();
  const image = anImage();
  device.analyzer.put(image, face);
  const filming = setInterval(() => {
    const [capturedAt, capturedMonotonicMs] = [device.clock.now(), device.clock.monotonicMs()];
    device.camera.show({ image, capturedAt, capturedMonotonicMs, cameraId: 'main', source: 'test' });
  }, 20);
  const watching = new AbortController();
  let told: Told | null = null;
  try {
    for await (const line of watchAgent(device.agentDir, watching.signal)) {
      if (told || line.kind !== 'verification') continue;
      told = { verification: line, status: await askAgentStatus(device.agentDir) };
      watching.abort();
    }
  } catch (error) {
    if (!watching.signal.aborted) throw error;
  } finally {
    clearInterval(filming);
  }
  return told;
}

it('lets people in by its stored configuration and gallery without central', async () => {
  aDisk({ revision: 1, groupIds: ['staff'], door: firstDoorPolicy, schedules: [] });
  expect(await adaComes()).toMatchObject({
    verification: { personId: ada, decision: 'granted' },
    status: { gallery: { people: 1, locked: false } },
  });
});

it('keeps its gallery and refuses everybody while the stored configuration cannot be read: its rules are unknown', async () => {
  aDisk({ revision: 1, groupIds: ['staff'], door: { ...firstDoorPolicy, rulesOfALaterVersion: 'photos are refused' } });
  expect(await adaComes()).toMatchObject({
    verification: { decision: 'denied', reasons: expect.arrayContaining(['gallery-locked']) },
    status: { configRevision: 0, gallery: { people: 1, locked: true } },
  });
  expect(device.door.openings).toEqual([]);
});

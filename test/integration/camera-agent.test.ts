import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodePayload, type Telemetry } from '@latchkey/contracts';
import { eventually, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { findCameraPrograms } from '../../apps/edge-agent/src/camera/camera-programs.ts';
import { AgentSite } from './agent-site.ts';
import { describeWhere, processesWith } from './camera-fixture.ts';
import { samplePath } from './vision-samples.ts';

const programs = await findCameraPrograms();

/** A film of two seconds with people in it and one without. */
function filmOfPeople(path: string): void {
  const people = ['-loop', '1', '-framerate', '10', '-t', '2', '-i', samplePath(1)];
  const nobody = ['-f', 'lavfi', '-i', 'color=black:size=640x480:rate=10:duration=1'];
  const size = '[0:v]scale=640:480,setsar=1[a];[1:v]setsar=1[b];[a][b]concat=n=2:v=1:a=0';
  const output = ['-filter_complex', size, '-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', '2', path];
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', ...people, ...nobody, ...output]);
}

describeWhere(
  programs.gstreamer && programs.ffmpeg !== null,
  'GStreamer or ffmpeg',
  'an agent with two cameras',
  () => {
    let folder: TemporaryFolder;
    let site: AgentSite;
    let telemetry: Telemetry[];

    beforeAll(() => {
      folder = temporaryFolder();
      filmOfPeople(folder.file('people.avi'));
    });

    afterAll(() => folder.remove());

    beforeEach(async () => {
      telemetry = [];
      site = new AgentSite();
      const door = { id: 'door', source: `file:${folder.file('people.avi')}`, fps: 10 };
      // A rate that marks this test's process among others of the machine.
      const hall = { id: 'hall', source: 'test:', program: 'gstreamer', fps: 13, stallS: 3 };
      await site.open({ LATCHKEY_CAMERA: '', LATCHKEY_CAMERAS: JSON.stringify([door, hall]) });
      site.raw.subscribe('latchkey/v1/main/front/telemetry', ({ payload }) => {
        telemetry.push(decodePayload('telemetry', payload));
      });
      site.agent.start();
      await eventually('people are seen', () => site.faces().length > 0, 60_000);
    });

    afterEach(() => site.close());

    // Not `setpriv`, which becomes it: stopped before it has asked the kernel to end with its parent, it would stay.
    const hallProcess = () => processesWith('framerate=13/1').find(({ args }) => !args.startsWith('setpriv'))?.pid;
    const health = () =>
      site.log.filter(({ kind }) => kind === 'health').map(({ body }) => body as { state: string; cameraId?: string });

    it('tells which of them saw somebody, and how both are', async () => {
      expect(site.faces().map(({ cameraId }) => cameraId)).toContain('door');
      expect(site.faces().filter(({ cameraId }) => cameraId !== 'door')).toEqual([]);
      const [first] = await eventually('telemetry comes', () => telemetry.length > 0 && telemetry);
      const running = { state: 'running', restarts: 0, framesPerSecond: expect.any(Number) };
      expect(first?.cameras).toMatchObject([
        { id: 'door', ...running },
        { id: 'hall', ...running },
      ]);
      expect(first?.cameras?.[0]?.framesPerSecond).toBeGreaterThan(0);
    });

    it('starts one again that hangs, tells it, and goes on with the other', async () => {
      const seen = site.faces().length;
      const hanging = await eventually('it runs', hallProcess);
      process.kill(hanging, 'SIGSTOP');
      await eventually('it is told', () => health().some(({ state }) => state === 'camera-back'));
      const about = health().filter(({ state }) => state.startsWith('camera-'));
      expect(about).toMatchObject([
        { state: 'camera-lost', cameraId: 'hall' },
        { state: 'camera-back', cameraId: 'hall' },
      ]);
      expect(hallProcess()).not.toBe(hanging);
      await eventually('the other sees people', () => site.faces().length > seen);
      await eventually('telemetry has it', () => telemetry.at(-1)?.cameras?.[1]?.restarts === 1);
    });

    it('leaves no process behind, neither when it is stopped nor when it is killed while one hangs', async () => {
      const marks = ['framerate=13/1', folder.path];
      const left = () => marks.flatMap((mark) => processesWith(mark));
      expect(left()).toHaveLength(2);
      await site.agent.stop();
      expect(left()).toEqual([]);
      site.agent.start();
      const hanging = await eventually('it runs again', hallProcess, 60_000);
      process.kill(hanging, 'SIGSTOP');
      await site.agent.kill();
      await eventually('all are gone', () => left().length === 0);
    });
  },
);

it('an agent whose camera is away is ready, and says why nothing comes', async () => {
  const site = new AgentSite();
  try {
    await site.open({ LATCHKEY_CAMERA: 'http://127.0.0.1:9/snapshot' });
    site.agent.start();
    await eventually('it is ready', () => site.agent.ready, 60_000);
    const said = site.agent.messages.find((message) => message.type === 'progress' && /camera/.test(message.line));
    expect(said).toMatchObject({ line: expect.stringMatching(/^camera camera: The camera cannot be reached/) });
    await eventually('it is in the log', () =>
      site.log.some(({ kind, body }) => kind === 'health' && (body as { state: string }).state === 'camera-lost'),
    );
  } finally {
    await site.close();
  }
});

import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentStatus } from '@latchkey/contracts';
import type { FaceDecision, Frame } from '@latchkey/domain';
import { anImage, eventually, ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { EventFeed } from './event-feed.ts';
import { LiveView } from './live-view.ts';
import { LocalPage } from './local-page.ts';
import { pageToken } from './page-token.ts';

const ada = '018f2f3e-0000-7000-8000-000000000001';
const silent = pino({ level: 'silent' });
const granted: FaceDecision = {
  outcome: 'granted',
  personId: ada,
  claimedPersonId: null,
  distance: 0.312,
  margin: null,
  quality: 90,
  liveness: null,
  reasons: ['matched'],
};

describe('the local page', () => {
  const clock = new ManualClock();
  const recorder = new EventRecorder(
    { append: () => ({}) } as unknown as EventStore,
    () => ({ occurredAt: 0, clockOffsetMs: null, clockTrusted: false }),
    silent,
  );
  let folder: TemporaryFolder;
  let view: LiveView;
  let page: LocalPage;

  beforeEach(async () => {
    folder = temporaryFolder();
    view = new LiveView(clock);
    page = pageOn({ host: '127.0.0.1', port: 0 });
    await page.start();
  });

  afterEach(async () => {
    await page.stop();
    await page.stop();
    folder.remove();
  });

  function pageOn(listen: { host: string; port: number } | null): LocalPage {
    const nameOf = () => 'Ada <b>';
    return new LocalPage({
      agentDir: folder.path,
      listen,
      cameraIds: ['front'],
      view,
      feed: new EventFeed({ recorder, nameOf, clock, format: (line) => `data: ${JSON.stringify(line)}\n\n` }),
      status: () => ({ deviceId: 'door' }) as AgentStatus,
      nameOf,
      logger: silent,
    });
  }

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${page.address?.port}${path}`, { headers, redirect: 'manual' });
  const signedIn = (path: string) => get(path, { authorization: `Bearer ${pageToken(folder.path)}` });

  it('is not there unless asked for', async () => {
    const none = pageOn(null);
    await none.start();
    expect(none.address).toBeNull();
    await none.stop();
  });

  it('shows nothing without its secret, which only the agent’s user may read', async () => {
    for (const path of ['/', '/page.js', '/status', '/cameras', '/watch', '/live/front', '/?token=wrong']) {
      expect((await get(path)).status).toBe(401);
    }
    expect((await get('/status', { cookie: 'latchkey-page=' })).status).toBe(401);
    expect(statSync(folder.file('keys/local-page-token')).mode & 0o777).toBe(0o600);
    expect(pageToken(folder.path)).toHaveLength(32);
  });

  it('takes the secret out of the address and keeps it in a cookie that no script reads', async () => {
    const answer = await get(`/?token=${pageToken(folder.path)}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    const [pair = ''] = cookie.split(';');
    expect((await get('/', { cookie: `other=1; ${pair}` })).status).toBe(200);
  });

  it('loads nothing from elsewhere and runs nothing inline', async () => {
    const answer = await signedIn('/');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const html = await answer.text();
    expect(html).not.toMatch(/https?:|style=|<script>|onclick/);
    for (const path of ['/page.css', '/page.js']) expect((await signedIn(path)).status).toBe(200);
    expect((await signedIn('/nothing')).status).toBe(404);
  });

  it('makes pictures while somebody looks, with boxes, names and distances', async () => {
    const frame: Frame = { image: anImage(), capturedAt: 0, capturedMonotonicMs: 0, cameraId: 'front', source: 'test' };
    const box = { x: 4, y: 4, width: 20, height: 20 };
    const faces = [
      { box, told: granted, prompt: null },
      { box, told: null, prompt: null },
      { box, told: granted, prompt: 'blink' as const },
    ];
    await view.show(frame, faces);
    expect((await signedIn('/live/front')).status).toBe(204);
    await view.show(frame, faces);
    const live = (await (await signedIn('/live/front')).json()) as { jpeg: string };
    expect(live).toMatchObject({
      width: 64,
      height: 48,
      faces: [
        { box, decision: 'granted', label: 'Ada <b> 0.31' },
        { box, decision: null, label: '…' },
        { box, decision: 'asked', label: 'asked to move' },
      ],
      prompt: 'Please look into the camera and blink.',
    });
    expect(live.jpeg).toMatch(/^\/9j\//);
    clock.advance(4_000);
    expect((await signedIn('/live/front')).status).toBe(204);
    expect((await signedIn('/live/other')).status).toBe(404);
  });

  it('tells events as they happen, and how the agent is', async () => {
    const answer = await signedIn('/watch');
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const write = (chunk: Uint8Array): void => {
      text += Buffer.from(chunk).toString();
    };
    const reading = answer.body?.pipeTo(new WritableStream({ write }));
    recorder.record('health', { state: 'camera-back', message: 'The camera gives frames again.' });
    await eventually('it is told', () => text.includes('The camera gives frames again.'));
    expect(text).toMatch(/^data: \{.*\}\n\n$/);
    expect(await (await signedIn('/status')).json()).toEqual({ deviceId: 'door' });
    expect(await (await signedIn('/cameras')).json()).toEqual(['front']);
    await page.stop();
    await reading?.catch(() => undefined);
  });
});

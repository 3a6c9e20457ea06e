import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { firstDoorPolicy } from '@latchkey/contracts';
import { freePort } from '@latchkey/embedded';
import { eventually, TestBrowser } from '@latchkey/testing';
import { AgentSite, enrolment } from '../integration/agent-site.ts';

const browser = new TestBrowser();
let site: AgentSite;
let port: number;

beforeAll(async () => {
  await browser.start();
  port = await freePort(0);
  site = new AgentSite();
  await site.open({ LATCHKEY_LOCAL_PAGE_PORT: String(port), LATCHKEY_CAMERA_HOLD_MS: '4000' });
  site.show(1);
  site.agent.start();
  await eventually('frames are analysed', () => site.agent.ready, 60_000);
});

afterAll(async () => {
  await browser.stop();
  await site.close();
});

it('shows who stands before the camera, what is decided and how the agent is', async () => {
  const token = readFileSync(join(site.agentDir, 'keys/local-page-token'), 'utf8').trim();
  const { page, problems } = await browser.open(`http://127.0.0.1:${port}`);
  await page.goto(`/?token=${token}`);
  expect(new URL(page.url()).search).toBe('');
  const faces = page.locator('.face.unknown');
  await faces.nth(2).waitFor({ timeout: 40_000 });
  expect(await faces.first().innerText()).toMatch(/^unknown/);
  const picture = page.getByRole('img', { name: 'Picture of camera' });
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(960);
  // Boxes are drawn anew several times a second.
  const box = await eventually('a box', () => faces.first().boundingBox());
  const around = await picture.boundingBox();
  expect(box.x).toBeGreaterThan(around?.x ?? 0);
  expect(box.x + box.width).toBeLessThan((around?.x ?? 0) + (around?.width ?? 0));
  await page.locator('#events li', { hasText: 'empty-gallery' }).first().waitFor({ timeout: 40_000 });
  await page.getByText('connected', { exact: true }).waitFor({ timeout: 10_000 });
  expect(problems).toEqual([]);
});

it('asks whoever would be let in to move, and lets nobody in who does not', async () => {
  const [stranger] = site.faces();
  const values = new Float32Array(new Uint8Array(Buffer.from(stranger?.encoding ?? '', 'base64')).buffer);
  const ada = randomUUID();
  const rules = { ...firstDoorPolicy.rules, activeLiveness: { required: true } };
  site.configure(1, { door: { ...firstDoorPolicy, rules } });
  await eventually('it asks for its gallery', () => site.central.asks.length > 0);
  site.central.change(site.staff.change(...enrolment(ada, 'Ada', values)));

  const { page, problems } = await browser.open(`http://127.0.0.1:${port}`);
  await page.goto(`/?token=${readFileSync(join(site.agentDir, 'keys/local-page-token'), 'utf8').trim()}`);
  await page.locator('.prompt', { hasText: 'Please look into the camera' }).waitFor({ timeout: 40_000 });
  const door = () => site.log.filter(({ kind }) => kind === 'door').map(({ body }) => body as { action: string });
  await eventually('it is refused', () => site.faces().some(({ reasons }) => reasons.includes('challenge-failed')));
  const refused = site.faces().find(({ reasons }) => reasons.includes('challenge-failed'));
  expect(refused).toMatchObject({ personId: ada, decision: 'denied' });
  expect(new Set(door().map(({ action }) => action))).toEqual(new Set(['asked']));
  expect(problems).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '@latchkey/embedded';
import { eventually, TestBrowser } from '@latchkey/testing';
import { AgentSite } from '../integration/agent-site.ts';

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
}, 120_000);

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
  const box = await faces.first().boundingBox();
  const around = await picture.boundingBox();
  expect(box?.x).toBeGreaterThan(around?.x ?? 0);
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan((around?.x ?? 0) + (around?.width ?? 0));
  await page.locator('#events li', { hasText: 'empty-gallery' }).first().waitFor({ timeout: 40_000 });
  await page.getByText('connected', { exact: true }).waitFor({ timeout: 10_000 });
  expect(problems).toEqual([]);
}, 120_000);

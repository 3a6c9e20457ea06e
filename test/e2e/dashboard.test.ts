import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventView, eventView, page as pageOf } from '@latchkey/contracts';
import { eventually, TestBrowser, type WatchedPage, windowSizes } from '@latchkey/testing';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { samplePath } from '../integration/vision-samples.ts';
import { RunningLatchkey } from './running-latchkey.ts';

/** The camera shows every photograph for 1.5 s; each comes round in well under a minute, also on a busy machine. */
const roundMs = 90_000;

const name = 'Grace Example';
const oneClickName = 'Hedy Example';
const newPassword = 'correct horse battery staple';

let latchkey: RunningLatchkey;
let browser: TestBrowser;
let operator: WatchedPage;

beforeAll(async () => {
  latchkey = await RunningLatchkey.start();
  browser = new TestBrowser();
  await browser.start();
  operator = await browser.open(latchkey.info.httpUrl);
}, 180_000);

afterAll(async () => {
  await browser?.stop();
  await latchkey?.stop();
});

describe('the dashboard, in a browser, beside a running demo door', () => {
  it('asks who comes, and leads back to the page that was asked for', async () => {
    const { page } = operator;
    await page.goto('/people');
    await page.waitForURL('**/sign-in?back=%2Fpeople');
    await signIn(page, latchkey.info.admin.password);
    await page.waitForURL('**/people');
    await page.getByText('Nobody is enrolled yet').waitFor();
    await page.getByText('password that was generated').waitFor();
  });

  it('shows faces that the door does not know as they happen', async () => {
    const { page } = operator;
    await page.getByRole('link', { name: 'Live log', exact: true }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    const first = await unknownRows(page).first().getAttribute('data-event', { timeout: roundMs });
    await eventually('a newer event on top', async () => (await topEvent(page)) !== first, roundMs);
    await unknownRows(page).first().getByText('Not recognised').waitFor();
    await unknownRows(page).first().getByText('Demo door').waitFor();
    await eventually('its picture', () => unknownRows(page).first().locator('img').evaluate(isLoaded));
  }, 240_000);

  it('enrols a person from a photo that the camera never shows, and the door names that person', async () => {
    const { page } = operator;
    await page.getByRole('link', { name: 'People', exact: true }).click();
    await page.getByRole('button', { name: 'Enrol a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'grace.jpg',
      mimeType: 'image/jpeg',
      buffer: await mirroredFace(),
    });
    await dialog.getByRole('button', { name: 'Enrol with 1 photo' }).click();
    await dialog.getByText(`${name} is enrolled`).waitFor();
    await dialog.getByText('Accepted', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name, exact: true }).waitFor();

    await page.getByRole('link', { name: 'Live log', exact: true }).click();
    const row = rowsOf(page, name).first();
    await row.waitFor({ timeout: roundMs });
    await row.getByText('Access granted').waitFor();
    const [distance = Number.NaN, maxDistance = Number.NaN] =
      (await row.innerText()).match(/\d\.\d{3}/g)?.map(Number) ?? [];
    expect(distance).toBeGreaterThan(0);
    expect(distance).toBeLessThanOrEqual(maxDistance);
  }, 180_000);

  it('shows that the door holds what it shall hold', async () => {
    const { page } = operator;
    await page.getByRole('link', { name: 'Fleet', exact: true }).click();
    const door = page.getByRole('list', { name: 'Devices' }).getByRole('listitem').filter({ hasText: 'Demo door' });
    await door.getByText('Online').waitFor();
    await door.getByText('current', { exact: true }).waitFor();
    const [, held, wanted] = /(\d+) of (\d+)/.exec(await door.innerText()) ?? [];
    expect(Number(held)).toBeGreaterThan(0);
    expect(held).toBe(wanted);
    await door.getByText('applied', { exact: true }).waitFor();
  });

  it('forgets a deleted person: the door does not know the face any more', async () => {
    const { page } = operator;
    const [seen] = await events(page, { decision: 'granted' });
    await page.getByRole('link', { name: 'People', exact: true }).click();
    await page.getByRole('link', { name, exact: true }).click();
    // A photo that is asked for after the person was deleted is not there any more.
    const areLoaded = (images: (SVGElement | HTMLElement)[]) =>
      images.length > 0 && images.every((image) => (image as HTMLImageElement).complete);
    await eventually('its photos', () => page.locator('main img').evaluateAll(areLoaded));
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Delete for good' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/to confirm/).fill(name);
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL('**/people');
    await page.getByText('Nobody is enrolled yet').waitFor();
    const deletedAt = new Date().toISOString();

    await page.getByRole('link', { name: 'Live log', exact: true }).click();
    const again = await eventually(
      'the same face as an unknown one',
      async () => (await events(page, { kind: 'unknown', from: deletedAt })).find((event) => isSamePlace(event, seen)),
      roundMs,
    );
    const row = page.locator(`li[data-event="${again.id}"]`);
    await row.getByText('Unknown', { exact: true }).waitFor();
    await row.getByText('Not recognised').waitFor();
    expect(await rowsOf(page, name).count()).toBe(0);
  }, 180_000);

  it('enrols the face of an unknown event with one click', async () => {
    const { page } = operator;
    const row = unknownRows(page).first();
    await row.getByRole('button', { name: 'Enrol this face' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who is this?').fill(oneClickName);
    await dialog.getByRole('button', { name: 'Enrol as a new person' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await rowsOf(page, oneClickName).first().waitFor({ timeout: roundMs });
  }, 180_000);

  it('narrows the log by its address, and opens an event by its link', async () => {
    const { page } = operator;
    const [event] = await events(page, { kind: 'verification' });
    await page.goto(`/log?kind=verification&event=${event?.id}`);
    await page.getByRole('dialog').getByText(String(event?.id)).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await rowsOf(page, oneClickName).first().waitFor();
    expect(await unknownRows(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await unknownRows(page).first().waitFor();
  });

  it('opens the door after a question, and shows what came of it and a picture of the camera', async () => {
    const { page } = operator;
    await page.goto('/fleet/demo');
    await page.getByRole('button', { name: 'Open the door' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('for whoever stands before it').waitFor();
    await dialog.getByRole('button', { name: 'Open the door' }).click();
    await dialog.getByText('The door was opened.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    await page.getByRole('button', { name: 'Take a picture' }).click();
    await dialog.getByRole('button', { name: 'Take a picture' }).click();
    await eventually('the picture', () => dialog.getByAltText('What the camera sees').evaluate(isLoaded));
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('list', { name: 'Latest commands' }).getByText('Show the picture').waitFor();

    await page.goto('/log?kind=door');
    await page.getByText('Somebody told the door to open').first().waitFor();
  });

  it.each(['desktop', 'phone'] as const)('fits a %s on every page', async (size) => {
    const { page } = operator;
    await page.setViewportSize(windowSizes[size]);
    const [person] = await events(page, { kind: 'verification' });
    for (const path of [
      '/log',
      '/people',
      `/people/${person?.personId}`,
      '/fleet',
      '/fleet/demo',
      '/account',
      '/nowhere',
    ]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).or(page.getByText('no such page')).first().waitFor();
      await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'hidden' });
      expect({ path, hiddenPx: await hiddenWidthPx(page) }).toEqual({ path, hiddenPx: 0 });
    }
  });

  it('reaches every page from the menu of a phone', async () => {
    const { page } = operator;
    await page.setViewportSize(windowSizes.phone);
    for (const label of ['Fleet', 'People', 'Live log']) {
      await page.getByRole('button', { name: 'Open the menu' }).click();
      await page.getByRole('link', { name: label, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: label }).waitFor();
      await page.getByRole('button', { name: 'Open the menu' }).waitFor();
    }
  });

  it('says what is wrong with a password and with a photo', async () => {
    const { page } = await browser.open(latchkey.info.httpUrl);
    await page.goto('/');
    await signIn(page, 'not the password');
    await page.getByRole('alert').getByText('wrong-credentials').waitFor();
    await signIn(page, latchkey.info.admin.password);
    await page.waitForURL('**/log');

    await page.goto('/people');
    await page.getByRole('button', { name: 'Enrol a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Nobody');
    await dialog.getByRole('button', { name: 'Use the webcam' }).click();
    await dialog.getByRole('button', { name: 'Take a photo' }).click();
    await dialog.getByRole('button', { name: 'Enrol with 1 photo' }).click();
    await dialog.getByText('Nobody was enrolled').waitFor();
    await dialog.getByText(/whole face can be seen/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: oneClickName, exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Nobody', exact: true }).count()).toBe(0);
    await page.context().close();
  });

  it('replaces the generated password, and reminds of it no more', async () => {
    const { page } = operator;
    await page.setViewportSize(windowSizes.desktop);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('note', { name: 'Generated password' }).waitFor();
    await page.getByLabel('Present password').fill(latchkey.info.admin.password);
    await page.getByLabel('New password', { exact: false }).first().fill(newPassword);
    await page.getByLabel('New password again').fill(newPassword);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The new password is in force.').waitFor();
    await page.getByRole('note', { name: 'Generated password' }).waitFor({ state: 'hidden' });
  });

  it('gives somebody an account who may look and change nothing', async () => {
    const { page } = operator;
    await page.getByRole('button', { name: 'Add an account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('viewer@example.org');
    await dialog.getByRole('button', { name: 'Make the account' }).click();
    await dialog.getByText('viewer@example.org may sign in').waitFor();
    const password = await dialog.locator('code').innerText();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('list', { name: 'Accounts' }).getByText('viewer@example.org').waitFor();

    const viewer = await browser.open(latchkey.info.httpUrl);
    await viewer.page.goto('/people');
    await signIn(viewer.page, password, 'viewer@example.org');
    await viewer.page.getByRole('link', { name: oneClickName, exact: true }).click();
    await viewer.page.getByRole('heading', { name: 'Photos' }).waitFor();
    expect(await viewer.page.getByRole('button', { name: /Delete|Add photos|Name and groups/ }).count()).toBe(0);
    await viewer.page.goto('/log');
    await unknownRows(viewer.page).first().waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Enrol this face' }).count()).toBe(0);
    expect(viewer.problems).toEqual([]);
    await viewer.page.context().close();
  });

  it('signs out, and shows nothing afterwards', async () => {
    const { page } = operator;
    await page.setViewportSize(windowSizes.desktop);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');
    await page.goto('/people');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('did all of this without an error on the page or a failed request', () => {
    expect(operator.problems).toEqual([]);
  });

  it('stops without leaving a process behind', async () => {
    await browser.stop();
    expect(await latchkey.stop()).toEqual([]);
  });
});

async function signIn(page: Page, password: string, email = latchkey.info.admin.email): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/**
 * One face of the samples, mirrored, at nine tenths of its size: the same person on another picture than the camera shows.
 * Box in pixels of `sample5.jpg`.
 */
function mirroredFace(): Promise<Buffer> {
  const face = { left: 347, top: 928, width: 243, height: 243 };
  const margin = 120;
  return sharp(samplePath(5))
    .extract({
      left: face.left - margin,
      top: face.top - margin,
      width: face.width + 2 * margin,
      height: face.height + 2 * margin,
    })
    .resize({ width: Math.round((face.width + 2 * margin) * 0.9) })
    .flop()
    .jpeg({ quality: 85 })
    .toBuffer();
}

function rowsOf(page: Page, title: string): Locator {
  return page
    .getByRole('list', { name: 'Events' })
    .locator('li')
    .filter({ has: page.getByText(title, { exact: true }) });
}

function unknownRows(page: Page): Locator {
  return page.getByRole('list', { name: 'Events' }).locator('li[data-kind=unknown]');
}

function topEvent(page: Page): Promise<string | null> {
  return page.getByRole('list', { name: 'Events' }).locator('li').first().getAttribute('data-event');
}

function isLoaded(image: SVGElement | HTMLElement): boolean {
  return image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0;
}

function hiddenWidthPx(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

/** Events of the API in the browser's session, newest first. */
async function events(page: Page, query: Record<string, string>): Promise<EventView[]> {
  const response = await page.request.get('/api/events', { params: query });
  return pageOf(eventView).parse(await response.json()).items;
}

/** Whether two events are about a face at the same place of the same frame, to the pixels that a detector may err. */
function isSamePlace(a: EventView, b: EventView | undefined): boolean {
  if (!a.box || !b?.box) return false;
  return (
    Math.abs(a.box.x - b.box.x) < 30 && Math.abs(a.box.y - b.box.y) < 30 && Math.abs(a.box.width - b.box.width) < 30
  );
}

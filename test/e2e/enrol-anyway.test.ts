import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentIdentity, encodingToBase64 } from '@latchkey/contracts';
import { encodingFromBytes, uuidV7 } from '@latchkey/domain';
import { TestBrowser, windowSizes } from '@latchkey/testing';
import type { Page } from 'playwright-core';
import { CentralFixture, testPassword } from '../integration/central-fixture.ts';
import { GalleryDevice } from '../integration/gallery-device.ts';
import { aFace, anEvent } from '../integration/raw-device.ts';
import { sampleFace } from '../integration/sample-faces.ts';

const fixture = new CentralFixture(() => ({
  dashboardDir: fileURLToPath(new URL('../../apps/dashboard/dist', import.meta.url)),
}));
const browser = new TestBrowser();
let device: GalleryDevice | null = null;

beforeAll(async () => {
  await fixture.start();
  await browser.start();
});
afterAll(async () => {
  await device?.raw.stop();
  await browser.stop();
  await fixture.stop();
});

/** A page on which an enroller is signed in. */
async function anEnrollersPage(viewport: { width: number; height: number }): Promise<Page> {
  const email = `enroller-${viewport.width}@example.org`;
  await (await fixture.admin()).post('accounts', { email, password: testPassword, role: 'enroller' });
  const { page } = await browser.open(fixture.url, { viewport });
  await page.goto('/people');
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/people');
  return page;
}

async function aFile(face: 'first' | 'second' | 'third', margin: number) {
  const { name, bytes } = await sampleFace(face, margin);
  return { name: `${margin}-${name}`, mimeType: 'image/jpeg', buffer: Buffer.from(bytes) };
}

const hiddenWidthPx = (page: Page) =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));

describe.each(Object.entries(windowSizes))('enrolling a face that does not fit, on a %s', (size, viewport) => {
  it('from photos: says whom it is like, leads there, and enrols it anyway', async () => {
    await fixture.database.rows('DELETE FROM person');
    const page = await anEnrollersPage(viewport);
    const enrol = async (name: string, files: Awaited<ReturnType<typeof aFile>>[]) => {
      await page.getByRole('button', { name: 'Enrol a person' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill(name);
      await dialog.locator('input[type=file]').setInputFiles(files);
      await dialog.getByRole('button', { name: /^Enrol with/ }).click();
      return dialog;
    };
    const first = await enrol('Ada Lovelace', [await aFile('first', 0.5)]);
    await first.getByText('Ada Lovelace is enrolled').waitFor();
    await first.getByRole('button', { name: 'Done' }).click();

    const dialog = await enrol('Twin of Ada', [await aFile('first', 0.4)]);
    await dialog.getByText(/is like that of Ada Lovelace \(distance 0\.\d\d, limit 0\.51\)/).waitFor();
    await dialog.getByText('Nobody was enrolled').waitFor();
    await dialog.getByRole('link', { name: 'See the other person' }).waitFor();
    expect(await hiddenWidthPx(page)).toBe(0);
    await dialog.getByRole('button', { name: 'Enrol 0.4-first.jpg anyway' }).click();
    await dialog.getByText('to be enrolled anyway').waitFor();
    await dialog.getByRole('button', { name: 'Enrol with 1 photo' }).click();
    await dialog.getByText('Twin of Ada is enrolled').waitFor();
    await dialog.getByRole('button', { name: "Open the person's page" }).click();

    await page.getByRole('button', { name: 'Add photos' }).click();
    const more = page.getByRole('dialog');
    await more.locator('input[type=file]').setInputFiles([await aFile('second', 0.4)]);
    await more.getByRole('button', { name: 'Add 1 photo' }).click();
    await more.getByText("not like the person's other photos").waitFor();
    await more.getByRole('button', { name: 'Enrol 0.4-second.jpg anyway' }).click();
    await more.getByRole('button', { name: 'Add 1 photo' }).click();
    await more.getByText('Accepted', { exact: true }).waitFor();
    await page.context().close();
  });

  it('from an event: says whom it is like, and enrols it anyway', async () => {
    await fixture.database.rows('DELETE FROM person');
    const admin = await fixture.admin();
    const { body: ada } = await admin.post('people', { name: 'Ada Lovelace' });
    await admin.upload(`people/${ada.id}/photos`, 'photos', [await sampleFace('third')]);
    await anUnknownEventOf(ada.id, `door-${size}`);
    const page = await anEnrollersPage(viewport);
    await page.goto('/log');
    await page.getByRole('button', { name: 'Enrol this face' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who is this?').fill('Twin of Ada');
    await dialog.getByRole('button', { name: 'Enrol as a new person' }).click();
    await dialog.getByText(/is like that of Ada Lovelace/).waitFor();
    await dialog.getByRole('button', { name: 'Enrol anyway' }).click();
    await page.getByText('Twin of Ada is enrolled').waitFor();
    await page.context().close();
  });
});

/** A device reports the face of somebody who is enrolled as unknown, as it does when it is not of the person's groups. */
async function anUnknownEventOf(personId: string, deviceId: string): Promise<void> {
  const admin = await fixture.admin();
  const made = await admin.post('devices', { id: deviceId, name: deviceId, groupIds: [] });
  device = new GalleryDevice(agentIdentity.parse(made.body), []);
  await device.raw.connect();
  const [row] = await fixture.database.rows<{ modelId: string; vector: string }>(
    `SELECT model_id AS "modelId", encode(vector, 'base64') AS vector FROM encoding WHERE person_id = $1`,
    [personId],
  );
  const values = encodingFromBytes(Buffer.from(row?.vector ?? '', 'base64'));
  const streamId = uuidV7(Date.now(), Buffer.alloc(16, deviceId));
  const body = aFace({ modelId: row?.modelId ?? '', encoding: encodingToBase64(values) });
  await device.raw.send(anEvent('unknown', body, { streamId, seq: 1 }));
  await device.raw.untilCommitted(streamId, 1);
  await device.raw.stop();
}

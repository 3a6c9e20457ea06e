import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdentity, buildTopic, encodePayload } from '@latchkey/contracts';
import { freeAccess } from '@latchkey/domain';
import { TestBrowser, windowSizes } from '@latchkey/testing';
import type { Page } from 'playwright-core';
import type { ApiClient } from '../integration/api-client.ts';
import { CentralFixture, testPassword } from '../integration/central-fixture.ts';
import { RawDevice } from '../integration/raw-device.ts';

const fixture = new CentralFixture(() => ({
  dashboardDir: fileURLToPath(new URL('../../apps/dashboard/dist', import.meta.url)),
}));
const browser = new TestBrowser();
const officeHours = { weekly: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }], exceptions: [] };
let admin: ApiClient;

beforeAll(async () => {
  await fixture.start();
  await browser.start();
  admin = await fixture.admin();
});
afterAll(async () => {
  await browser.stop();
  await fixture.stop();
});

/** A page on which somebody of a role is signed in. */
async function signedIn(role: 'admin' | 'viewer', viewport: { width: number; height: number }) {
  const email = `${role}-${Math.random().toString(36).slice(2)}@example.org`;
  await admin.post('accounts', { email, password: testPassword, role });
  const { page, problems } = await browser.open(fixture.url, { viewport });
  await page.goto('/schedules');
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/schedules');
  return { page, problems };
}

const hiddenWidthPx = (page: Page) =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));

describe.each(Object.entries(windowSizes))('access, on a %s', (size, viewport) => {
  beforeEach(async () => {
    for (const table of ['person', 'schedule', 'device']) await fixture.database.rows(`DELETE FROM ${table}`);
  });

  it('a schedule is made by keyboard, given to a person, shown on their page, and kept while they are bound', async () => {
    const { body: person } = await admin.post('people', { name: 'Ada Lovelace' });
    const { page, problems } = await signedIn('admin', viewport);
    await page.getByRole('link', { name: 'New schedule' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Mornings & nights');
    await page.getByLabel('Monday, until').fill('12');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Same from Monday to Friday' }).press('Enter');
    await page.getByRole('button', { name: 'Add times on Saturday' }).press('Enter');
    await page.keyboard.type('22');
    await page.keyboard.press('Tab');
    await page.keyboard.type('630');
    await page.keyboard.press('Tab');
    await page.getByText('until the next day', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add an exception' }).press('Enter');
    await page.getByLabel('First day').fill('2026-12-24');
    await page.getByLabel('Last day').fill('2026-12-31');
    expect(await hiddenWidthPx(page)).toBe(0);
    await page.getByRole('button', { name: 'Make the schedule' }).press('Enter');

    const row = page.getByRole('list', { name: 'Schedules' }).getByRole('listitem');
    await row.getByText('Mon–Fri 08:00–12:00; Sat 22:00–06:30').waitFor();
    expect(await hiddenWidthPx(page)).toBe(0);
    expect((await admin.get('schedules/mornings-nights')).body).toMatchObject({
      name: 'Mornings & nights',
      weekly: [
        { days: [1, 2, 3, 4, 5], from: '08:00', to: '12:00' },
        { days: [6], from: '22:00', to: '06:30' },
      ],
      exceptions: [{ from: '2026-12-24', to: '2026-12-31', periods: [] }],
    });

    await page.goto(`/people/${person.id}`);
    const access = page.getByRole('region', { name: 'Access' });
    await access.getByText('at any time').waitFor();
    await access.getByRole('button', { name: 'Change access' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('May enter from').fill('2026-12-02T08:00');
    await dialog.getByLabel('Until').fill('2026-12-01T08:00');
    await dialog.getByText('It has to be after the beginning.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Until').fill('2027-12-01T08:00');
    await dialog.getByRole('combobox', { name: 'Schedule' }).click();
    await page.getByRole('option', { name: 'Mornings & nights' }).click();
    await dialog.getByLabel('Silent alarm at every entry').check();
    expect(await hiddenWidthPx(page)).toBe(0);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await access.getByText('at every entry').waitFor();
    const { body } = await admin.get(`people/${person.id}`);
    expect(body.access).toEqual({
      ...freeAccess,
      validFrom: new Date('2026-12-02T08:00').toISOString(),
      validUntil: new Date('2027-12-01T08:00').toISOString(),
      scheduleId: 'mornings-nights',
      duress: true,
    });
    expect(await hiddenWidthPx(page)).toBe(0);

    await access.getByRole('link', { name: 'Mornings & nights' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mornings & nights' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('list', { name: 'People bound to it' }).getByText('Ada Lovelace').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete the schedule' }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('link', { name: '1 person' }).click();
    await page.getByRole('list', { name: 'People' }).getByText('Ada Lovelace').waitFor();

    await admin.patch(`people/${person.id}`, { access: { scheduleId: null } });
    await page.goto('/schedules/mornings-nights');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete the schedule' }).click();
    await page.getByText('No schedules yet').waitFor();
    expect((await admin.get('schedules/mornings-nights')).status).toBe(404);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('a schedule is changed; what is wrong stands at its field, and what somebody else changed meanwhile stays', async () => {
    await admin.post('schedules', { id: 'office', name: 'Office', ...officeHours });
    const { page } = await signedIn('admin', viewport);
    await page.getByRole('link', { name: 'Office' }).click();
    await page.getByLabel('Tuesday, until').fill('25');
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    const tuesday = page.getByRole('row', { name: 'Tuesday' });
    await tuesday.getByText('A time such as 08:30.').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Tuesday, until');
    expect((await admin.get('schedules/office')).body).toMatchObject(officeHours);

    await page.getByLabel('Tuesday, until').fill('1730');
    await page.keyboard.press('Enter');
    await page.getByText('Office is saved and on its way to the devices.').waitFor();
    expect((await admin.get('schedules/office')).body.weekly).toEqual([
      { days: [1, 3, 4, 5], from: '08:00', to: '18:00' },
      { days: [2], from: '08:00', to: '17:30' },
    ]);

    await admin.patch('schedules/office', { weekly: [] });
    await page.getByRole('textbox', { name: 'Name' }).fill('The office');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'The office' }).waitFor();
    expect((await admin.get('schedules/office')).body).toMatchObject({ name: 'The office', weekly: [] });
    await page.context().close();
  });

  it("a door's rules are saved within their limits, and a refusal is shown with its reason", async () => {
    const id = `front-${size}`;
    const { body } = await admin.post('devices', { id, name: 'Front door', groupIds: [] });
    const { page, problems } = await signedIn('admin', viewport);
    await page.goto(`/fleet/${id}`);
    const rule = (name: string) => page.getByRole('region', { name, exact: true });
    await rule('Liveness').getByRole('combobox', { name: 'Liveness' }).click();
    await page.getByRole('option', { name: 'Require' }).click();
    await rule('Liveness').getByLabel('Smallest score').fill('1.5');
    await rule('Liveness').getByText('A number from 0 to 1.').waitFor();
    const save = page.getByRole('button', { name: 'Save the door policy' });
    expect(await save.isDisabled()).toBe(true);
    await rule('Liveness').getByLabel('Smallest score').fill('0.3');
    await page.getByText('With a minimum below 0.5').waitFor();
    await rule('Liveness').getByLabel('Smallest score').fill('0.6');
    await rule('Lock-out').getByRole('switch').check();
    await rule('Lock-out').getByLabel('Failures').fill('4');
    await rule('Time zone').getByRole('combobox').fill('Berlin');
    await page.getByRole('option', { name: 'Europe/Berlin' }).click();
    expect(await hiddenWidthPx(page)).toBe(0);
    await save.click();
    await page.getByText('The door policy is saved.').waitFor();
    const { body: device } = await admin.get(`devices/${id}`);
    expect(device.door.rules).toEqual({
      timeZone: 'Europe/Berlin',
      liveness: { mode: 'require', minimum: 0.6 },
      activeLiveness: { required: false },
      offlineGrace: { enabled: false, hours: 720 },
      antiPassback: { mode: 'off', windowS: 300 },
      lockOut: { enabled: true, failures: 4, windowS: 300, forS: 60 },
      twoPerson: { required: false, withinS: 15 },
    });

    const raw = new RawDevice(agentIdentity.parse(body));
    await raw.connect();
    const topic = buildTopic('configReported', { site: raw.identity.siteId, device: id });
    const refused = { revision: 1, accepted: false, message: 'Liveness cannot be measured here.' };
    await raw.session.publish(topic, encodePayload('configReported', refused), { qos: 1, retain: false });
    await page.getByText('The device refuses its configuration').waitFor();
    await page
      .getByText(
        'Liveness cannot be measured here. It goes on with revision 1 and not with revision 2, which is wanted.',
      )
      .waitFor();
    expect(await hiddenWidthPx(page)).toBe(0);
    await raw.stop();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('whoever may only look sees all of it but the silent alarm, and changes nothing', async () => {
    await admin.post('schedules', { id: 'office', name: 'Office', ...officeHours });
    const access = { scheduleId: 'office', duress: true };
    const { body: person } = await admin.post('people', { name: 'Ada Lovelace', access });
    const { page, problems } = await signedIn('viewer', viewport);
    expect(await page.getByRole('link', { name: 'New schedule' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Office' }).click();
    await page.getByLabel('Monday, from').waitFor();
    expect(await page.getByLabel('Monday, from').isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: /Save|Delete|Add|Remove|Same/ }).count()).toBe(0);
    await page.goto(`/people/${person.id}`);
    const section = page.getByRole('region', { name: 'Access' });
    await section.getByRole('link', { name: 'Office' }).waitFor();
    expect(await section.getByText(/alarm/i).count()).toBe(0);
    expect(await section.getByRole('button').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

// `node scripts/smoke.mjs [CHECKOUT]`: starts `npm start` in a checkout (default: this one), walks the whole loop over HTTP and
// MQTT as a user would, kills every part once, stops it with Ctrl-C's signal and checks that nothing is left.
// Last line: `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from './bootstrap/root.mjs';
import { Api } from './smoke/api.mjs';
import { photoOfDemoFace } from './smoke/face-photo.mjs';
import { mayConnect, sendEventAndWaitForAck } from './smoke/mqtt-device.mjs';
import { Aborted, expect, Report, until } from './smoke/report.mjs';

const checkout = resolve(process.argv[2] ?? root);
const data = mkdtempSync(join(tmpdir(), 'latchkey-smoke-'));
const report = new Report();
/** Long enough for `npm ci` and a build on two cores. */
const firstStartMs = 15 * 60_000;

/** @returns {import('./smoke/api.mjs').RunInfo} */
const runInfo = () => JSON.parse(readFileSync(join(data, 'run.json'), 'utf8'));
/** @param {number} pid */
const lives = (pid) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};
/** Processes that work for this run: their command line or environment names its data folder. */
const left = () =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const texts = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
      return texts.some((text) => text.includes(data)) && lives(Number(pid));
    } catch {
      return false;
    }
  });

const npm = spawn('npm', ['start', '--', '--port', '8411', '--data', data], {
  cwd: checkout,
  stdio: ['ignore', 'pipe', 'pipe'],
});
let output = '';
for (const stream of [npm.stdout, npm.stderr]) {
  stream.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text.replace(/^(?=.)/gm, '      | '));
  });
}
const ended = new Promise((done) => npm.once('exit', (code, signal) => done(code ?? signal)));

/** Everything between start and stop. */
async function walk() {
  const info = await report.check(
    'npm start gets ready and writes run.json for its owner alone',
    async () => {
      await until('run.json is there', firstStartMs, () => existsSync(join(data, 'run.json')) || npm.exitCode !== null);
      expect(npm.exitCode === null, `npm start ended with ${npm.exitCode}`);
      expect((statSync(join(data, 'run.json')).mode & 0o777) === 0o600, 'run.json is not of mode 0600');
      const names = runInfo().processes.map(({ name }) => name);
      expect(names.join() === 'supervisor,postgres,central,agent-demo', `processes are ${names}`);
      return runInfo();
    },
    { vital: true },
  );
  if (!info) return;
  const { httpUrl, admin, mqttUrl } = info;
  const anonymous = new Api(httpUrl);

  await report.check('the console shows address and password', () => {
    expect(output.includes(httpUrl) && output.includes(admin.password), 'they are not in the output');
  });
  await report.check('health is up without login, people are not shown', async () => {
    const health = await anonymous.call('GET', 'health');
    expect(health.status === 200 && health.body.status === 'up', JSON.stringify(health.body));
    const people = await anonymous.call('GET', 'people');
    expect(people.status === 401 && people.body.code === 'unauthorized', `people answered ${people.status}`);
  });
  await report.check('the dashboard is served', async () => {
    const page = await fetch(httpUrl);
    expect(page.ok && /<div id="root">/.test(await page.text()), `the page answered ${page.status}`);
  });
  const api = await report.check(
    'the password of run.json signs in: token and strict cookie',
    async () => {
      const login = await anonymous.call('POST', 'auth/login', admin);
      expect(login.status === 200 || login.status === 201, `login answered ${login.status}`);
      const cookie = login.headers.get('set-cookie') ?? '';
      expect(/HttpOnly/i.test(cookie) && /SameSite=Strict/i.test(cookie), `the cookie is ${cookie}`);
      return new Api(httpUrl, login.body.token);
    },
    { vital: true },
  );
  if (!api) return;

  await report.check('the demo agent sees strangers, live', async () => {
    const event = await api.nextEvent(({ kind, deviceId }) => kind === 'unknown' && deviceId === 'demo', 60_000);
    expect(event.personId === null && event.decision === 'unknown', JSON.stringify(event));
  });
  await report.check('the device is online', async () => {
    const device = await api.call('GET', 'devices/demo');
    expect(device.body.online === true, JSON.stringify(device.body));
  });
  await report.check('the broker lets nobody in without its credentials', async () => {
    expect(!(await mayConnect(checkout, mqttUrl, {})), 'it let an anonymous client in');
    expect(!(await mayConnect(checkout, mqttUrl, { username: 'demo', password: 'guess' })), 'it let a guess in');
  });
  await report.check('an event over MQTT is acknowledged exactly and stands in the log', async () => {
    const created = await api.call('POST', 'devices', { id: 'smoke', name: 'Smoke test' });
    expect(created.status === 201, `making a device answered ${created.status}`);
    const id = await sendEventAndWaitForAck(checkout, created.body);
    const log = await api.call('GET', 'events?deviceId=smoke');
    expect(
      log.body.items.some((/** @type {{ id: string }} */ event) => event.id === id),
      JSON.stringify(log.body),
    );
  });

  const person = await report.check(
    'a person is enrolled from a photo that is none of the camera’s frames',
    async () => {
      const photo = await photoOfDemoFace(checkout);
      writeFileSync(join(data, 'photo.jpg'), photo);
      const created = await api.call('POST', 'people', { name: 'Smoke Person' });
      expect(created.status === 201 && created.body.id, `making a person answered ${created.status}`);
      const form = new FormData();
      form.append('photos', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'photo.jpg');
      const upload = await api.call('POST', `people/${created.body.id}/photos`, form);
      expect(upload.status === 201 && upload.body.results[0].accepted, JSON.stringify(upload.body));
      return created.body;
    },
    { vital: true },
  );
  if (!person) return;
  /** @param {any} event */
  const namesPerson = (event) => event.deviceId === 'demo' && event.personId === person.id;
  const seen = await report.check('the demo agent recognises the person, live', async () => {
    const event = await api.nextEvent(namesPerson, 60_000);
    expect(event.decision === 'granted' && event.personName === 'Smoke Person', JSON.stringify(event));
    expect(event.distance > 0 && event.distance <= event.maxDistance, `the distance is ${event.distance}`);
    return event;
  });
  await report.check('the command line recognises the person through the running central', () => {
    const photo = join(data, 'photo.jpg');
    const command = ['apps/cli/dist/main.js', 'verify', photo, person.name, '--data', data, '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: checkout, encoding: 'utf8' });
    expect(status === 0 && JSON.parse(stdout).granted === true, `${status}: ${stdout}${stderr}`);
  });
  await report.check('that event stands in the log', async () => {
    const { body } = await api.call('GET', `events?personId=${person.id}`);
    expect(
      body.items.some((/** @type {{ id: string }} */ { id }) => id === seen?.id),
      JSON.stringify(body.items[0]),
    );
  });
  await report.check('the device holds the gallery that it should', async () => {
    await until('it is current', 20_000, async () => {
      const { body } = await api.call('GET', 'devices/demo');
      return body.galleries.length > 0 && body.galleries.every((/** @type {any} */ { state }) => state === 'current');
    });
  });

  for (const name of ['agent-demo', 'central', 'postgres']) {
    await report.check(`${name} is back after kill -9, and people are recognised again`, async () => {
      const pid = runInfo().processes.find((entry) => entry.name === name)?.pid ?? 0;
      process.kill(pid, 'SIGKILL');
      await until('run.json names its successor', 60_000, () => {
        const now = runInfo().processes.find((entry) => entry.name === name)?.pid;
        return now !== undefined && now !== pid;
      });
      await until('health is up', 60_000, async () => (await anonymous.call('GET', 'health')).status === 200);
      await until('the live stream is back', 60_000, () => api.nextEvent(namesPerson, 30_000));
    });
  }
  await report.check('nothing was doubled by that', async () => {
    const ids = [];
    let cursor = '';
    do {
      const { body } = await api.call('GET', `events?limit=500${cursor && `&cursor=${cursor}`}`);
      ids.push(...body.items.map((/** @type {any} */ { streamId, seq }) => `${streamId} ${seq}`));
      cursor = body.nextCursor;
    } while (cursor);
    expect(new Set(ids).size === ids.length, `${ids.length} events, ${new Set(ids).size} of them different`);
  });
  await report.check('a second start on the same data says so and exits with 3', () => {
    const second = spawnSync(process.execPath, ['apps/cli/dist/main.js', 'up', '--data', data], {
      cwd: checkout,
      encoding: 'utf8',
    });
    expect(second.status === 3 && /already runs/.test(second.stderr), `${second.status}: ${second.stderr}`);
    expect(existsSync(join(data, 'run.json')), 'it removed run.json');
  });
  await report.check('an erased person is a stranger again', async () => {
    const erased = await api.call('DELETE', `people/${person.id}`);
    expect(erased.status === 204, `erasing answered ${erased.status}`);
    expect((await api.call('GET', `people/${person.id}`)).status === 404, 'the person is still there');
    // The one event that may be on its way is let pass.
    await new Promise((done) => setTimeout(done, 2000));
    const again = await api.nextEvent(
      (event) => event.kind === 'unknown' && seen && overlap(event.box, seen.box) > 0.6,
      60_000,
    );
    expect(again.personId === null, JSON.stringify(again));
  });
}

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/**
 * Intersection over union.
 * @param {Box} a
 * @param {Box} b
 */
function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const both = Math.max(0, width) * Math.max(0, height);
  return both / (a.width * a.height + b.width * b.height - both);
}

try {
  await walk();
} catch (error) {
  if (!(error instanceof Aborted)) throw error;
} finally {
  await report.check('Ctrl-C ends everything: exit code 0, no process left, run.json gone', async () => {
    npm.kill('SIGINT');
    const code = await Promise.race([ended, new Promise((late) => setTimeout(late, 60_000, 'not at all'))]);
    await until('no process is left', 20_000, () => left().length === 0);
    expect(code === 0, `npm start ended with ${code}`);
    expect(!existsSync(join(data, 'run.json')), 'run.json is still there');
  });
  for (const pid of left()) process.kill(Number(pid), 'SIGKILL');
  rmSync(data, { recursive: true, force: true });
}
console.log(`${report.passed} passed, ${report.failed} failed`);
process.exit(report.failed === 0 ? 0 : 1);

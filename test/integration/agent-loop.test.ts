import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ReportedConfig } from '@latchkey/contracts';
import { freeAccess } from '@latchkey/domain';
import { SigningKeys } from '@latchkey/link';
import { eventually } from '@latchkey/testing';
import { decodeImage, type FaceAnalyzer, singleFace, startFaceAnalyzerWorker } from '@latchkey/vision';
import { AgentSite, enrolment, modelCacheDir, modelId } from './agent-site.ts';
import { sampleFace } from './sample-faces.ts';

const ada = randomUUID();

describe('an edge agent as a process', () => {
  let analyzer: FaceAnalyzer;
  let encoding: Float32Array;
  let site: AgentSite;

  beforeAll(async () => {
    analyzer = await startFaceAnalyzerWorker({ cacheDir: modelCacheDir });
    const { bytes } = await sampleFace('first', 0.8);
    const picture = await decodeImage(bytes, { maxSidePx: 200 });
    encoding = singleFace(await analyzer.analyze(picture), { source: 'first' }).encoding.values;
  });

  afterAll(() => analyzer.dispose());

  beforeEach(async () => {
    site = new AgentSite();
    await site.open();
  });

  afterEach(() => site.close());

  /** The agent runs, and three people stand before its camera. */
  async function started(): Promise<void> {
    site.show(1);
    site.agent.start();
    await eventually('frames are analysed', () => site.agent.ready, 60_000);
  }

  /** Ada, one of them, is enrolled and was recognised. */
  async function enrolled(): Promise<void> {
    site.configure(1);
    await started();
    await eventually('it asks', () => site.central.asks.length > 0);
    site.central.change(site.staff.change(...enrolment(ada, 'Ada', encoding)));
    await eventually('it holds Ada', () => site.faces().some(({ personId }) => personId === ada));
  }

  it('sees strangers where nobody is enrolled, with picture and encoding', async () => {
    expect(analyzer.model.id).toBe(modelId);
    await started();
    await eventually('three faces are told', () => site.faces().length >= 3);
    for (const face of site.faces()) {
      expect(face).toMatchObject({ personId: null, decision: 'unknown', reasons: ['empty-gallery'], liveness: null });
      expect(face.encoding).not.toBeNull();
    }
    const withPicture = site.log.filter(({ kind }) => kind === 'unknown');
    expect(withPicture.every(({ thumbnail }) => thumbnail?.startsWith('/9j/'))).toBe(true);
  });

  it('knows somebody from the next presence on after a change, opens the door, and forgets after a removal', async () => {
    await enrolled();
    const granted = site.faces().find(({ personId }) => personId === ada);
    expect(granted).toMatchObject({ decision: 'granted', reasons: ['matched'], galleryRevision: 1, encoding: null });
    expect(granted?.distance).toBeGreaterThan(0);
    expect(granted?.distance).toBeLessThan(0.3);
    await eventually('the door tells', () => site.log.some(({ kind }) => kind === 'door'));
    const kinds = site.log.map(({ kind }) => kind);
    expect(kinds.indexOf('door')).toBeGreaterThan(kinds.indexOf('verification'));
    expect(site.log.find(({ kind }) => kind === 'door')?.body).toMatchObject({ action: 'opened', personId: ada });

    site.central.change(site.staff.change({ op: 'remove-person', personId: ada }));
    const facesSince = () => site.faces().filter(({ galleryRevision }) => galleryRevision === 2);
    await eventually('strangers are told', () => facesSince().length >= 4);
    expect(facesSince().every(({ personId, decision }) => personId === null && decision === 'unknown')).toBe(true);
  });

  it('asks when it missed a change, and has it then', async () => {
    site.configure(1);
    await started();
    await eventually('it asks', () => site.central.asks.length > 0);
    site.staff.change(
      ...enrolment(
        randomUUID(),
        'Missed',
        encoding.map((value) => value + 1),
      ),
    );
    site.central.change(site.staff.change(...enrolment(ada, 'Ada', encoding)));
    await eventually('it knows Ada', () => site.faces().some(({ personId }) => personId === ada));
    expect(site.central.asks.some(({ revision }) => revision === 0)).toBe(true);
    const named = site.faces().find(({ personId }) => personId === ada);
    expect(named?.galleryRevision).toBe(2);
  });

  it('applies nothing that is forged, misdirected, retained or old, and tells of each once', async () => {
    site.configure(1);
    await started();
    await eventually('it asks', () => site.central.asks.length > 1);
    const change = site.staff.change(...enrolment(ada, 'Ada', encoding));
    const { topic, text } = site.central.signedChange(change);
    const forged = SigningKeys.loadOrCreate(site.folder.file('forger'));
    const { audience, payload } = JSON.parse(text) as { audience: string; payload: string };
    const other = site.keys.sign('gallery', { topic, audience: 'main/_groups/guests', payload });
    await site.raw.publish(topic, forged.sign('gallery', { topic, audience, payload }));
    await site.raw.publish(topic, other);
    const [asked] = site.central.asks;
    if (!asked) throw new Error('nothing was asked');
    for (const answer of site.central.answersTo(asked)) site.central.answer(answer);
    const refused = () => site.log.filter(({ kind }) => kind === 'tamper').map(({ body }) => body);
    await eventually('both topics are told of', () => refused().length >= 2);
    expect(refused()).toMatchObject([{ what: 'signature-invalid' }, { what: 'replayed' }]);
    // Retained: it is there when the device connects again, and only then marked as such.
    await site.raw.publish(topic, text, { retain: true });
    await eventually('a live copy is as good as any', () => site.faces().some(({ personId }) => personId === ada));
    await site.agent.stop();
    site.central.answers = false;
    site.agent.start();
    await eventually('the retained one is told of', () => refused().length >= 3, 60_000);
    expect(refused()[2]).toMatchObject({ what: 'retained', topic });
  });

  it('refuses an older configuration and reports which one runs', async () => {
    const reports: ReportedConfig[] = [];
    site.raw.subscribe('latchkey/v1/main/front/config/reported', ({ payload }) => {
      reports.push(JSON.parse(Buffer.from(payload).toString()) as ReportedConfig);
    });
    site.configure(5);
    await started();
    await eventually('revision 5 is reported', () =>
      reports.some(({ revision, accepted }) => revision === 5 && accepted),
    );
    site.configure(4, { groupIds: [] });
    await eventually('revision 4 is refused', () => reports.some(({ accepted }) => !accepted));
    expect(reports.at(-1)).toMatchObject({ revision: 5, accepted: false });
  });

  it('keeps a person to their schedule, also after a restart without a word of central', async () => {
    site.configure(1, { schedules: [{ id: 'never', weekly: [], exceptions: [] }] });
    await started();
    await eventually('it asks', () => site.central.asks.length > 0);
    const [person, encodingOf] = enrolment(ada, 'Ada', encoding);
    if (person?.op !== 'upsert-person' || !encodingOf) throw new Error('enrolment has another form');
    const access = { ...freeAccess, scheduleId: 'never' };
    site.central.change(site.staff.change({ ...person, access }, encodingOf));
    const reasons = (since = 0) =>
      site
        .faces(since)
        .filter(({ personId }) => personId === ada)
        .map((face) => face.reasons);
    await eventually('Ada is refused', () => reasons().length > 0);
    expect(reasons().at(-1)).toEqual(['matched', 'outside-schedule']);

    site.central.answers = false;
    await site.agent.kill();
    const { length } = site.log;
    site.agent.start();
    await eventually('Ada is refused again', () => reasons(length).length > 0, 60_000);
    expect(reasons(length)[0]).toEqual(['matched', 'clock-untrusted']);
    expect(site.log.some(({ kind }) => kind === 'door')).toBe(false);
  });

  it('does its work with the broker away, and delivers everything in order when it is back', async () => {
    await enrolled();
    await site.broker.crash();
    const decided = () => site.agent.lines.filter((line) => line.includes('"msg":"decision"')).length;
    const before = decided();
    await eventually('it decides on', () => decided() >= before + 4);
    await site.broker.start();
    await eventually('all of it arrives', () => site.faces().length >= before + 4);
    const sequences = site.log.map(({ seq }) => seq);
    expect(sequences).toEqual(sequences.map((_, i) => i + 1));
    expect(new Set(site.log.map(({ streamId }) => streamId)).size).toBe(1);
  });

  it('starts with the broker away', async () => {
    await site.broker.crash();
    await started();
    await eventually('it decides', () => site.agent.lines.some((line) => line.includes('"msg":"decision"')));
    await site.broker.start();
    await eventually('it says that it is there', () => site.presences.some(({ state }) => state === 'online'));
    await eventually('its events arrive', () => site.faces().length >= 3);
  });

  it('knows everybody after a kill -9, without a word of central, and loses no event', async () => {
    await enrolled();
    site.central.answers = false;
    await site.agent.kill();
    await eventually('the Will says so', () => site.presences.at(-1)?.state === 'offline');
    const { length } = site.log;
    site.agent.start();
    await eventually('it knows Ada', () => site.faces(length).some(({ personId }) => personId === ada), 60_000);
    const streams = [...new Set(site.log.map(({ streamId }) => streamId))];
    expect(streams).toHaveLength(2);
    for (const stream of streams) {
      const sequences = site.log.filter(({ streamId }) => streamId === stream).map(({ seq }) => seq);
      expect(sequences).toEqual(sequences.map((_, i) => i + 1));
    }
    expect(new Set(site.presences.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  it.each(['message', 'disconnect', 'SIGTERM', 'SIGINT'] as const)(
    'ends in order by %s and says good-bye',
    async (how) => {
      await started();
      await eventually('it says that it is there', () => site.presences.at(-1)?.state === 'online');
      expect(await site.agent.stop(how)).toBe(0);
      await eventually('it says good-bye', () => site.presences.at(-1)?.state === 'offline');
      expect(new Set(site.presences.map(({ sessionId }) => sessionId)).size).toBe(1);
    },
  );

  it('begins anew with a damaged database and says so', async () => {
    await enrolled();
    await site.agent.kill();
    for (const file of ['agent.db', 'agent.db-wal'])
      writeFileSync(`${site.agentDir}/data/${file}`, Buffer.alloc(50_000, 7));
    const { length } = site.log;
    site.agent.start();
    await eventually('it knows Ada again', () => site.faces(length).some(({ personId }) => personId === ada), 60_000);
    expect(site.log.slice(length).map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ state: 'storage-corrupt' }),
    );
  });

  it('logs no encoding', async () => {
    await enrolled();
    await eventually('a stranger is logged too', () => site.faces().length >= 4);
    const long = site.agent.lines.filter((line) => /[A-Za-z0-9+/]{200}/.test(line) || /(-?\d\.\d+,){8}/.test(line));
    expect(long).toEqual([]);
  });
});

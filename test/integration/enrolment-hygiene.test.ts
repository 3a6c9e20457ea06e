import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PersonView } from '@latchkey/contracts';
import type { ApiClient, TestFile } from './api-client.ts';
import { CentralFixture } from './central-fixture.ts';
import { sampleFace } from './sample-faces.ts';

const fixture = new CentralFixture();
let client: ApiClient;

beforeAll(async () => {
  await fixture.start();
  client = await fixture.account('enroller');
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  await fixture.database.rows('DELETE FROM person');
});

async function aPerson(name: string, ...photos: readonly TestFile[]): Promise<PersonView> {
  const { status, body } = await client.post('people', { name });
  expect(status).toBe(201);
  if (photos.length > 0) expect((await enrol(body, photos)).status).toBe(201);
  return body;
}

const enrol = (person: PersonView, photos: readonly TestFile[], query = '') =>
  client.upload(`people/${person.id}/photos${query}`, 'photos', photos);

const encodingsOf = async (person: PersonView) => (await client.get(`people/${person.id}`)).body.encodings;

describe('a photo that is like another person', () => {
  it('is refused, and the answer says whose face it is like', async () => {
    const ada = await aPerson('Ada', await sampleFace('first'));
    const grace = await aPerson('Grace');
    const answer = await enrol(grace, [await sampleFace('first', 0.4)]);
    expect([answer.status, answer.body.code]).toEqual([422, 'near-another-person']);
    expect(answer.body.results).toEqual([
      {
        file: 'first.jpg',
        accepted: false,
        quality: expect.any(Number),
        code: 'near-another-person',
        message: expect.stringMatching(
          /^The face in "first\.jpg" is like that of Ada \(distance 0\.\d\d, limit 0\.51\)\./,
        ),
        nearestPersonId: ada.id,
      },
    ]);
    expect(await encodingsOf(grace)).toBe(0);
  });

  it('is enrolled when that is known, and the audit log says that it was', async () => {
    await aPerson('Ada', await sampleFace('first'));
    const twin = await aPerson('Twin');
    const answer = await enrol(twin, [await sampleFace('first', 0.4)], '?acceptDespite=near-another-person');
    expect([answer.status, answer.body.results[0].accepted]).toEqual([201, true]);
    const [entry] = await fixture.database.rows(
      `SELECT details -> 'query' AS query, outcome FROM audit_log WHERE action = 'photos.enrol' ORDER BY at DESC LIMIT 1`,
    );
    expect(entry).toEqual({ query: { acceptDespite: 'near-another-person' }, outcome: 'done' });
  });

  it('leaves the other photos of the request alone', async () => {
    await aPerson('Ada', await sampleFace('first'));
    const grace = await aPerson('Grace', await sampleFace('second'));
    const photos = [await sampleFace('second', 0.4), await sampleFace('first', 0.4), await sampleFace('second', 0.6)];
    const { status, body } = await enrol(grace, photos);
    expect(status).toBe(201);
    expect(body.results.map(({ code = 'accepted' }) => code)).toEqual(['accepted', 'near-another-person', 'accepted']);
    expect(await encodingsOf(grace)).toBe(3);
  });

  it('is no other person who was erased, and one who was just enrolled', async () => {
    const ada = await aPerson('Ada', await sampleFace('first'));
    const grace = await aPerson('Grace');
    expect((await client.delete(`people/${ada.id}`)).status).toBe(204);
    expect((await enrol(grace, [await sampleFace('first', 0.4)])).status).toBe(201);
    const next = await aPerson('Next');
    expect((await enrol(next, [await sampleFace('first', 0.6)])).body).toMatchObject({
      code: 'near-another-person',
      results: [{ nearestPersonId: grace.id }],
    });
  });

  it('is refused to one of two requests that come at the same time', async () => {
    const both = [await aPerson('One'), await aPerson('Other')];
    const photo = await sampleFace('third');
    const answers = await Promise.all(both.map((person) => enrol(person, [photo])));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });
});

describe("a photo that is unlike the person's own", () => {
  it('is refused', async () => {
    const ada = await aPerson('Ada', await sampleFace('first'));
    const answer = await enrol(ada, [await sampleFace('third')]);
    expect([answer.status, answer.body.code]).toEqual([422, 'far-from-own-photos']);
    expect(answer.body.results[0].message).toMatch(
      /not like the person's other photos \(distance \d\.\d\d, limit 0\.56\)/,
    );
    expect(await encodingsOf(ada)).toBe(1);
  });

  it('is enrolled when that is known', async () => {
    const ada = await aPerson('Ada', await sampleFace('first'));
    const query = '?acceptDespite=far-from-own-photos&acceptDespite=near-another-person';
    expect((await enrol(ada, [await sampleFace('third')], query)).status).toBe(201);
    expect(await encodingsOf(ada)).toBe(2);
  });

  it('is found among the first photos of a new person', async () => {
    const ada = await aPerson('Ada');
    const photos = [await sampleFace('second'), await sampleFace('first'), await sampleFace('first', 0.4)];
    const { body } = await enrol(ada, photos);
    expect(body.results.map(({ code = 'accepted' }) => code)).toEqual(['far-from-own-photos', 'accepted', 'accepted']);
  });

  it('is refused with all others when two first photos show two people', async () => {
    const ada = await aPerson('Ada');
    const { status, body } = await enrol(ada, [await sampleFace('second'), await sampleFace('first')]);
    expect([status, body.code]).toEqual([422, 'far-from-own-photos']);
    expect(await encodingsOf(ada)).toBe(0);
  });
});

it.each(['acceptDespite=everything', 'acceptDespite=', 'acceptDespite=%00', 'force=true'])(
  'refuses ?%s',
  async (query) => {
    const ada = await aPerson('Ada');
    const answer = await enrol(ada, [await sampleFace('first')], `?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-input']);
  },
);

it('counts the photos of all instances of central', async () => {
  const ada = await aPerson('Ada', await sampleFace('first'));
  // As another instance does it: a copy of the face for somebody else, behind this one's back.
  const [other] = await fixture.database.rows<{ id: string }>(
    `WITH moved AS (INSERT INTO person (id, name, always, row_hash) VALUES (gen_random_uuid(), 'Else', false, 'x') RETURNING id)
     UPDATE encoding SET person_id = moved.id, id = gen_random_uuid() FROM moved
     WHERE encoding.person_id = $1 RETURNING person_id AS id`,
    [ada.id],
  );
  expect((await enrol(ada, [await sampleFace('first', 0.4)])).body.results[0].nearestPersonId).toBe(other?.id);
});

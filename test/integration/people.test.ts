import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PersonView } from '@latchkey/contracts';
import { freeAccess } from '@latchkey/domain';
import sharp from 'sharp';
import type { ApiClient, TestFile } from './api-client.ts';
import { CentralFixture } from './central-fixture.ts';
import { sampleFace, samplePhoto } from './sample-faces.ts';

const fixture = new CentralFixture();
let client: ApiClient;

beforeAll(async () => {
  await fixture.start();
  client = await fixture.account('enroller');
});
afterAll(() => fixture.stop());

async function aPerson(name = 'Ada Lovelace', rest: object = {}): Promise<PersonView> {
  const { status, body } = await client.post('people', { name, ...rest });
  expect(status).toBe(201);
  return body;
}

async function aGroup(id: string): Promise<string> {
  expect((await (await fixture.admin()).post('groups', { id, name: `Group ${id}` })).status).toBe(201);
  return id;
}

/** These tests enrol a few faces for many people; `enrolment-hygiene.test.ts` is about what that means. */
const despite = '?acceptDespite=near-another-person&acceptDespite=far-from-own-photos';
const nobody = '00000000-0000-7000-8000-000000000000';

describe('a person', () => {
  it('is made with a name alone and joins everyone', async () => {
    const person = await aPerson('Grace Hopper');
    expect(person).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'Grace Hopper',
      groupIds: ['everyone'],
      always: false,
      access: freeAccess,
      photos: 0,
      encodings: 0,
      portraitPhotoId: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect((await client.get(`people/${person.id}`)).body).toEqual(person);
  });

  it('keeps a name that looks like markup, SQL or another script as it is', async () => {
    for (const name of [
      '<script>alert(1)</script>',
      "Robert'); DROP TABLE person;--",
      'Ægir Þór',
      '名前',
      '👩‍🚀 Sally',
    ]) {
      expect((await aPerson(name)).name).toBe(name);
    }
  });

  it('has one form of a name that can be written in two', async () => {
    expect((await aPerson('Ame\u0301lie')).name).toBe('Amélie');
  });

  it.each([
    ['no name', {}, 400],
    ['an empty name', { name: '  ' }, 400],
    ['a number for a name', { name: 5 }, 400],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 400],
    ['a NUL in the name', { name: 'a\u0000b' }, 400],
    ['a line break in the name', { name: 'a\nb' }, 400],
    ['half a character in the name', { name: 'a\ud800' }, 400],
    ['an unknown member', { name: 'a', role: 'admin' }, 400],
    ['a group id that is none', { name: 'a', groupIds: ['No Such!'] }, 400],
    ['a group that does not exist', { name: 'a', groupIds: ['absent'] }, 404],
  ])('is not made with %s', async (_, body, status) => {
    const answer = await client.post('people', body);
    expect([answer.status, answer.body.code]).toEqual([status, status === 404 ? 'not-found' : 'invalid-input']);
    expect(answer.body).toMatchObject({
      type: expect.stringContaining('urn:latchkey:problem:'),
      status,
      instance: '/api/people',
    });
  });

  it.each([
    ['GET', 400, 'not-a-uuid'],
    ['PATCH', 400, '1'],
    ['DELETE', 400, '%00'],
    ['GET', 400, '%E0%A4%A'],
    ['GET', 404, nobody],
    ['PATCH', 404, nobody],
    ['DELETE', 404, nobody],
  ])('%s gives %i for %s', async (method, status, id) => {
    const init = method === 'PATCH' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const answer = await client.send(method, `people/${id}`, init);
    expect([answer.status, answer.body.code]).toEqual([status, status === 404 ? 'not-found' : 'invalid-input']);
  });

  it('changes what is given and nothing else', async () => {
    const person = await aPerson('Before', { always: true });
    const renamed = await client.patch(`people/${person.id}`, { name: 'After' });
    expect(renamed.body).toMatchObject({ name: 'After', always: true, groupIds: ['everyone'] });
    await aGroup('night-shift');
    const moved = await client.patch(`people/${person.id}`, { groupIds: ['night-shift', 'night-shift'] });
    expect(moved.body).toMatchObject({ name: 'After', groupIds: ['night-shift'] });
    expect((await client.patch(`people/${person.id}`, { groupIds: [] })).body.groupIds).toEqual([]);
    expect((await client.patch(`people/${person.id}`, { groupIds: ['absent'] })).status).toBe(404);
  });
});

describe('the list of people', () => {
  it('is sorted by name, in pages without gaps or doubles', async () => {
    const group = await aGroup('listed');
    const names = ['zoe', 'Anna', 'anna', 'Bob', 'Åsa', '"quoted"', `${'Long '.repeat(39)}1`, `${'Long '.repeat(39)}2`];
    for (const name of names) await aPerson(name, { groupIds: [group] });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { status, body } = await client.get(
        `people?groupId=${group}&limit=3${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      expect(status).toBe(200);
      seen.push(...body.items.map(({ name }: PersonView) => name));
      cursor = body.nextCursor;
    }
    expect([...seen].sort()).toEqual([...names].sort());
    expect(seen.indexOf('Anna')).toBeLessThan(seen.indexOf('Bob'));
    expect(seen.indexOf('Bob')).toBeLessThan(seen.indexOf('zoe'));
  });

  it('is searched by part of the name, in any case and literally', async () => {
    const group = await aGroup('searched');
    for (const name of ['Ada 100% sure', 'Adam_Smith', 'Eve']) await aPerson(name, { groupIds: [group] });
    const found = async (search: string) =>
      (await client.get(`people?groupId=${group}&search=${encodeURIComponent(search)}`)).body.items.map(
        ({ name }: PersonView) => name,
      );
    expect(await found('ADA')).toEqual(['Ada 100% sure', 'Adam_Smith']);
    expect(await found('0%')).toEqual(['Ada 100% sure']);
    expect(await found('m_s')).toEqual(['Adam_Smith']);
    expect(await found("'")).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'cursor=nonsense',
    'cursor=e30',
    'groupId=Bad!',
    'unknown=1',
    'search=%00',
  ])('refuses ?%s', async (query) => {
    const answer = await client.get(`people?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-input']);
  });
});

describe('enrolling', () => {
  it('takes several photos at once and tells of each', async () => {
    const person = await aPerson();
    const photos = [await sampleFace('first'), samplePhoto(1), await sampleFace('first', 0.4)];
    const { status, body } = await client.upload(`people/${person.id}/photos${despite}`, 'photos', photos);
    expect(status).toBe(201);
    expect(body.results).toEqual([
      { file: 'first.jpg', accepted: true, quality: expect.any(Number), photoId: expect.any(String) },
      { file: 'sample1.jpg', accepted: false, code: 'several-faces', message: expect.stringContaining('3 faces') },
      { file: 'first.jpg', accepted: true, quality: expect.any(Number), photoId: expect.any(String) },
    ]);
    const after = (await client.get(`people/${person.id}`)).body;
    expect(after).toMatchObject({ photos: 2, encodings: 2, portraitPhotoId: body.results[0].photoId });
  });

  it('keeps the photo small, upright and without what the camera wrote into it', async () => {
    const person = await aPerson();
    const { bytes } = await sampleFace('third');
    const shot = await sharp(bytes)
      .resize(2400)
      .rotate(-90)
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD0: { Artist: 'Secret Photographer' } })
      .jpeg()
      .toBuffer();
    const file: TestFile = { name: 'turned.jpg', bytes: new Uint8Array(shot) };
    const { body } = await client.upload(`people/${person.id}/photos${despite}`, 'photos', [file]);
    expect(body.results[0]).toMatchObject({ accepted: true });
    const photo = await client.bytes(`people/${person.id}/photos/${body.results[0].photoId}`);
    expect(photo.status).toBe(200);
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    expect(photo.headers.get('cache-control')).toContain('private');
    const { format, width, height, exif, orientation } = await sharp(photo.bytes).metadata();
    expect({ format, exif, orientation }).toEqual({ format: 'jpeg', exif: undefined, orientation: undefined });
    expect(Math.max(width, height)).toBe(1024);
    expect(Buffer.from(photo.bytes).includes('Secret Photographer')).toBe(false);
  });

  const rgb = { width: 300, height: 300, channels: 3 as const, background: '#777777' };
  const rows: [string, () => Promise<Uint8Array>, number, string][] = [
    ['no image', async () => Buffer.from('hello'), 422, 'not-an-image'],
    ['nothing', async () => Buffer.alloc(0), 422, 'not-an-image'],
    ['a truncated picture', async () => (await sampleFace('first')).bytes.slice(0, 2000), 422, 'image-truncated'],
    ['no face', () => sharp({ create: rgb }).jpeg().toBuffer(), 422, 'no-face'],
    ['several faces', async () => samplePhoto(6).bytes, 422, 'several-faces'],
    [
      'more than 50 megapixels',
      () =>
        sharp({ create: { ...rgb, width: 8000, height: 6300 } })
          .png()
          .toBuffer(),
      422,
      'image-too-large',
    ],
    [
      'a dark and blurred face',
      async () =>
        sharp((await sampleFace('first')).bytes)
          .blur(4)
          .linear(0.1, 0)
          .jpeg()
          .toBuffer(),
      422,
      'low-quality',
    ],
    ['more than 25 MB', async () => Buffer.alloc(25 * 1024 * 1024 + 1), 413, 'image-too-large'],
  ];
  it.each(rows)('refuses %s', async (_, make, status, code) => {
    const person = await aPerson();
    const file: TestFile = { name: 'bad.jpg', bytes: new Uint8Array(await make()) };
    const answer = await client.upload(`people/${person.id}/photos${despite}`, 'photos', [file]);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    if (status === 422) {
      expect(answer.body.results).toMatchObject([
        { file: 'bad.jpg', accepted: false, code, message: expect.any(String) },
      ]);
    }
    expect((await client.get(`people/${person.id}`)).body).toMatchObject({ photos: 0, encodings: 0 });
  });

  it.each([
    ['CMYK', (face: Uint8Array) => sharp(face).toColourspace('cmyk').jpeg().toBuffer()],
    ['grey', (face: Uint8Array) => sharp(face).greyscale().jpeg().toBuffer()],
    ['alpha', (face: Uint8Array) => sharp(face).ensureAlpha().png().toBuffer()],
    ['WebP', (face: Uint8Array) => sharp(face).webp().toBuffer()],
  ])('takes %s', async (_, convert) => {
    const person = await aPerson();
    const bytes = new Uint8Array(await convert((await sampleFace('fourth')).bytes));
    const answer = await client.upload(`people/${person.id}/photos${despite}`, 'photos', [{ name: 'face', bytes }]);
    expect([answer.status, answer.body.results[0].accepted]).toEqual([201, true]);
  });

  it('shows a file name without its path, in its own letters', async () => {
    const person = await aPerson();
    const { bytes } = await sampleFace('first');
    const names = ['../../etc/passwd', 'C:\\photos\\me.jpg', 'Zoë 👩.jpg'];
    const { body } = await client.upload(
      `people/${person.id}/photos`,
      'photos',
      names.map((name) => ({ name, bytes })),
    );
    expect(body.results.map(({ file }: { file: string }) => file)).toEqual(['passwd', 'me.jpg', 'Zoë 👩.jpg']);
  });

  it('refuses requests without a picture, of another field, of another type, or with too many', async () => {
    const { id } = await aPerson();
    const picture = await sampleFace('first');
    const answers = [
      await client.upload(`people/${id}/photos${despite}`, 'photos', []),
      await client.upload(`people/${id}/photos${despite}`, 'picture', [picture]),
      await client.post(`people/${id}/photos`, { photos: [] }),
      await client.send('POST', `people/${id}/photos`, {
        body: 'x',
        headers: { 'content-type': 'multipart/form-data' },
      }),
      await client.upload(
        `people/${id}/photos${despite}`,
        'photos',
        Array(21).fill({ name: 'x', bytes: new Uint8Array(1) }),
      ),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([400, 'invalid-input']);
    expect((await client.upload(`people/${nobody}/photos${despite}`, 'photos', [picture])).status).toBe(404);
  });

  it('leaves no upload on the disk, whatever came of it', async () => {
    expect(await readdir(`${fixture.dataDir}/uploads`)).toEqual([]);
  });

  it('stops at a hundred encodings a person', async () => {
    const { id } = await aPerson();
    await fixture.database.rows(
      `INSERT INTO encoding (id, person_id, model_id, vector, row_hash)
       SELECT gen_random_uuid(), $1, 'another-model', '\\x00000000', 'x' FROM generate_series(1, 100)`,
      [id],
    );
    const answer = await client.upload(`people/${id}/photos${despite}`, 'photos', [await sampleFace('first')]);
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  });
});

describe('photos', () => {
  it('are listed and deleted with their encodings', async () => {
    const { id } = await aPerson();
    await client.upload(`people/${id}/photos${despite}`, 'photos', [
      await sampleFace('first'),
      await sampleFace('first', 0.4),
    ]);
    const { body } = await client.get(`people/${id}/photos`);
    expect(body).toEqual({
      items: [
        { id: expect.any(String), fileName: 'first.jpg', createdAt: expect.any(String), quality: expect.any(Number) },
        { id: expect.any(String), fileName: 'first.jpg', createdAt: expect.any(String), quality: expect.any(Number) },
      ],
      nextCursor: null,
    });
    const photo = `people/${id}/photos/${body.items[0].id}`;
    expect((await client.delete(photo)).status).toBe(204);
    expect((await client.get(`people/${id}`)).body).toMatchObject({ photos: 1, encodings: 1 });
    expect((await client.bytes(photo)).status).toBe(404);
    expect((await client.delete(photo)).status).toBe(404);
  });

  it('belong to one person', async () => {
    const { id } = await aPerson();
    const other = await aPerson('Somebody else');
    const { body } = await client.upload(`people/${id}/photos${despite}`, 'photos', [await sampleFace('first')]);
    const { photoId } = body.results[0];
    expect((await client.bytes(`people/${other.id}/photos/${photoId}`)).status).toBe(404);
    expect((await client.delete(`people/${other.id}/photos/${photoId}`)).status).toBe(404);
    expect((await client.get(`people/${nobody}/photos`)).status).toBe(404);
  });
});

describe('recognition', () => {
  let first: PersonView;
  beforeAll(async () => {
    await fixture.database.rows('DELETE FROM encoding');
    first = await aPerson('Unique First');
    const second = await aPerson('Unique Second');
    await client.upload(`people/${first.id}/photos${despite}`, 'photos', [await sampleFace('first', 0.4)]);
    await client.upload(`people/${second.id}/photos${despite}`, 'photos', [await sampleFace('second', 0.4)]);
  });

  it('names a person from another picture, with distance and margin', async () => {
    const { status, body } = await client.upload('recognize', 'photo', [await sampleFace('first', 0.6)]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ granted: true, personId: first.id, name: 'Unique First', reasons: ['matched'] });
    expect(body.distance).toBeGreaterThan(0);
    expect(body.distance).toBeLessThan(body.maxDistance);
    expect(body.margin).toBeGreaterThan(0);
  });

  it('names nobody for a stranger', async () => {
    const { body } = await client.upload('recognize', 'photo', [await sampleFace('third')]);
    expect(body).toMatchObject({ granted: false, personId: null, name: null, reasons: ['too-far'] });
  });

  it('verifies a claim by id or by name', async () => {
    const mine = [await sampleFace('first', 0.6)];
    expect((await client.upload('verify', 'photo', mine, { personId: first.id })).body).toMatchObject({
      granted: true,
      personId: first.id,
    });
    expect((await client.upload('verify', 'photo', mine, { name: 'unique first' })).body.granted).toBe(true);
    expect((await client.upload('verify', 'photo', mine, { name: 'Unique Second' })).body).toMatchObject({
      granted: false,
      name: 'Unique Second',
      reasons: ['claim-not-met'],
    });
  });

  it('refuses a claim on nobody, on a person without a face, and no claim at all', async () => {
    const mine = [await sampleFace('first')];
    expect((await client.upload('verify', 'photo', mine, { name: 'Nobody At All' })).status).toBe(404);
    expect((await client.upload('verify', 'photo', mine)).status).toBe(400);
    expect((await client.upload('verify', 'photo', [], { name: 'Unique First' })).status).toBe(400);
    const faceless = await aPerson('Faceless');
    expect((await client.upload('verify', 'photo', mine, { personId: faceless.id })).body).toMatchObject({
      granted: false,
      distance: null,
      reasons: ['empty-gallery'],
    });
  });

  it('refuses pictures as enrolling does', async () => {
    const answer = await client.upload('recognize', 'photo', [samplePhoto(6)]);
    expect([answer.status, answer.body.code]).toEqual([422, 'several-faces']);
  });

  it('forgets a person who is erased at once', async () => {
    expect((await client.delete(`people/${first.id}`)).status).toBe(204);
    const { body } = await client.upload('recognize', 'photo', [await sampleFace('first', 0.6)]);
    expect(body).toMatchObject({ granted: false, personId: null });
  });
});

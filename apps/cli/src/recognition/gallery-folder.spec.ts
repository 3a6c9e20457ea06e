import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GalleryFolder, identityOf } from './gallery-folder.ts';

describe('identityOf', () => {
  it.each([
    ['siddharth.jpg', 'siddharth'],
    ['siddharth2.jpg', 'siddharth'],
    ['siddharth_03.png', 'siddharth'],
    ['Anna-Lena (4).jpeg', 'Anna-Lena'],
    ['Ariel_Sharon_0001.jpg', 'Ariel_Sharon'],
    ['42.jpg', '42'],
  ])('%s is %s', (file, identity) => {
    expect(identityOf(file)).toBe(identity);
  });
});

describe('GalleryFolder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-gallery-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (...path: string[]) => {
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(folder, ...path), '');
  };
  const identities = async () => (await new GalleryFolder(folder).images()).map(({ identity }) => identity);

  it('reads the seed’s layout, folders of people, and no file that is no picture', async () => {
    put('train', 'anna1.jpg');
    put('train', 'anna2.PNG');
    put('train', 'ben', 'x.webp');
    put('train', 'notes.txt');
    put('elsewhere.jpg');
    expect(await identities()).toEqual(['anna', 'anna', 'ben']);
  });

  it('reads pictures beside each other where there is no folder train', async () => {
    put('anna.jpg');
    expect(await identities()).toEqual(['anna']);
  });

  it('adds under the next free number, whatever the extensions', async () => {
    put('train', 'anna1.png');
    put('new.JPG');
    await new GalleryFolder(folder).add('anna', join(folder, 'new.JPG'));
    expect(readdirSync(join(folder, 'train'))).toEqual(['anna1.png', 'anna2.jpg']);
  });

  it('gives a name that ends in a number a folder, so that it stays that name', async () => {
    put('new.jpg');
    await new GalleryFolder(folder).add('agent 7', join(folder, 'new.jpg'));
    expect(await identities()).toContain('agent 7');
  });

  it.each(['../evil', 'a/b', '..', ' '])('refuses the name "%s"', async (name) => {
    put('new.jpg');
    await expect(new GalleryFolder(folder).add(name, join(folder, 'new.jpg'))).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('says which folder is not there', async () => {
    await expect(new GalleryFolder(join(folder, 'nowhere')).images()).rejects.toMatchObject({ code: 'missing-file' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { inBatches, toSend, withAnyway, withFiles, withResults } from './photo-draft.ts';

const aFile = (name: string, type = 'image/jpeg') => new File(['x'], name, { type, lastModified: 1 });

describe('the photos of an enrolment', () => {
  it('hold a file once, however often it is chosen', () => {
    const photos = withFiles(withFiles([], [aFile('a.jpg')]), [aFile('a.jpg'), aFile('b.jpg')]);
    expect(photos.map(({ file }) => file.name)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('are not sent when they cannot be pictures', () => {
    expect(toSend(withFiles([], [aFile('a.txt', 'text/plain'), aFile('b.jpg')])).map(({ file }) => file.name)).toEqual([
      'b.jpg',
    ]);
  });

  it('take their results by position, and only those that were sent', () => {
    const before = withFiles([], [aFile('note.txt', 'text/plain'), aFile('a.jpg'), aFile('b.jpg')]);
    const after = withResults(before, toSend(before), {
      results: [
        { file: 'a.jpg', accepted: true },
        { file: 'b.jpg', accepted: false, code: 'no-face' },
      ],
    });
    expect(after.map(({ state, problem }) => [state, problem?.code])).toEqual([
      ['refused', 'not-an-image'],
      ['accepted', undefined],
      ['refused', 'no-face'],
    ]);
    expect(toSend(after)).toEqual([]);
  });

  it('are sent again when a warning is overruled, and only then', () => {
    const before = withFiles([], [aFile('a.jpg'), aFile('b.jpg'), aFile('c.jpg')]);
    const refused = withResults(before, before, {
      results: [
        { file: 'a.jpg', accepted: false, code: 'near-another-person', nearestPersonId: 'p1' },
        { file: 'b.jpg', accepted: false, code: 'no-face' },
        { file: 'c.jpg', accepted: false, code: 'far-from-own-photos' },
      ],
    });
    expect(refused.map(({ problem }) => problem?.warning)).toEqual([
      'near-another-person',
      null,
      'far-from-own-photos',
    ]);
    const after = refused.reduce((photos, { key }) => withAnyway(photos, key), refused);
    expect(toSend([...after, ...withFiles([], [aFile('d.jpg')])]).map(({ file }) => file.name)).toEqual([
      'a.jpg',
      'c.jpg',
      'd.jpg',
    ]);
    const portions = inBatches([...toSend(after), ...withFiles([], [aFile('d.jpg')])]);
    expect(portions.map((portion) => portion.map(({ file, acceptDespite }) => [file.name, ...acceptDespite]))).toEqual([
      [['d.jpg']],
      [['a.jpg', 'near-another-person']],
      [['c.jpg', 'far-from-own-photos']],
    ]);
  });

  it('are sent in portions, each once', () => {
    const photos = withFiles(
      [],
      Array.from({ length: 9 }, (_, number) => aFile(`${number}.jpg`)),
    );
    const batches = inBatches(photos);
    expect(batches.map(({ length }) => length)).toEqual([4, 4, 1]);
    expect(batches.flat()).toEqual(photos);
    expect(inBatches([])).toEqual([]);
  });
});

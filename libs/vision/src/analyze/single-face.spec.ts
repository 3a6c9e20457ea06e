import { describe, expect, it } from '@jest/globals';
import { singleFace } from './single-face.ts';

describe('singleFace', () => {
  it('gives the one face, or the first of several when the largest is wanted', () => {
    expect(singleFace(['one'], { source: 'a.jpg' })).toBe('one');
    expect(singleFace(['large', 'small'], { source: 'a.jpg', largest: true })).toBe('large');
  });

  it('says what is wrong with the picture and what to do', () => {
    expect(() => singleFace([], { source: 'a.jpg' })).toThrow(expect.objectContaining({ code: 'no-face' }));
    const several = (): unknown => singleFace(['a', 'b', 'c'], { source: 'team.jpg' });
    expect(several).toThrow(expect.objectContaining({ code: 'several-faces', details: { faces: 3 } }));
    expect(several).toThrow('3 faces in "team.jpg"; use a picture of one person, or pass --largest.');
  });
});

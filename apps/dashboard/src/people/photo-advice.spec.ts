import { describe, expect, it } from '@jest/globals';
import { maxPhotoBytes, photoProblem, problemBeforeUpload } from './photo-advice.ts';

describe('what is said of a photo', () => {
  it('is nothing when it was accepted', () => {
    expect(photoProblem({ file: 'a.jpg', accepted: true })).toBeNull();
  });

  it("is central's own sentence, and what to do", () => {
    const problem = photoProblem({
      file: 'team.jpg',
      accepted: false,
      code: 'several-faces',
      message: '3 faces in "team.jpg".',
    });
    expect(problem?.sentence).toBe('3 faces in "team.jpg".');
    expect(problem?.advice).toMatch(/only this person/);
  });

  it('is advice against the worst fault of the face', () => {
    const refused = { file: 'a.jpg', accepted: false, code: 'low-quality', message: 'Not good enough.' };
    expect(photoProblem({ ...refused, reasons: ['covered', 'blurred'] })?.advice).toMatch(/without mask, sunglasses/);
    expect(photoProblem(refused)?.advice).toMatch(/sharp, evenly lit/);
  });

  it('is the sentence of the code when there is no other', () => {
    expect(photoProblem({ file: 'a.jpg', accepted: false, code: 'no-face' })?.sentence).toBe(
      'No face was found in the image.',
    );
  });

  it('is still something for a code that this page does not know', () => {
    expect(photoProblem({ file: 'a.jpg', accepted: false, code: 'of-tomorrow' })).toMatchObject({
      code: 'of-tomorrow',
    });
  });

  it.each([
    [{ name: 'a.jpg', type: 'image/jpeg', size: maxPhotoBytes + 1 }, 'image-too-large'],
    [{ name: 'a.pdf', type: 'application/pdf', size: 10 }, 'not-an-image'],
    [{ name: 'a.heic', type: '', size: 10 }, undefined],
    [{ name: 'a.jpg', type: 'image/jpeg', size: 10 }, undefined],
  ])('before the upload of %j is %s', (file, code) => {
    expect(problemBeforeUpload(file)?.code).toBe(code);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { resizeAsOpenCv } from './resize-as-opencv.ts';

/** Bytes that look like chance, by Knuth's multiplicative hash of their place. */
function noise(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  return { width, height, data };
}

describe('resizeAsOpenCv', () => {
  // SHA-256 of `cv2.resize(noise, (96, 96)).tobytes()` of opencv-python-headless 4.12.0 and 5.0.0, which agree.
  it.each([
    [97, 96, 'db1f89ed368e0a3acbc9f75620bbf15d4deef23acd704be8ad2702b822ce63ca'],
    [250, 250, '9c4c176c2684cc0b8c19b5ea15d69612c906089251f0f2539282fa40843d23f8'],
    [192, 192, '0406fc81c7438bc7adf23fc66693e64e7a13437051e950af4edaf25a8640b55d'],
    [640, 480, 'fc9e24a5509eaae9a328e123fcdd7adf540690eecd7a7f2cd064f2793171bb2f'],
    [60, 40, '30187e514f47e89210d5bd6a7e30e40002298670b63a90134cbec0d1389e61cd'],
    [10, 300, '27677cd61090f5c37d253ae3a5ad045d77555a422f5139c82c7b936a159bf8de'],
    [2, 3, '75737a4b2f59de2ce3db5be1a7cd8b9b8cbb37254dac69bab269ede20fbbc51d'],
    [1, 1, 'a10b45dcadac0127e5814bda2e384409731bac7619e6b121cbb2ac6159a7a3bc'],
    [1920, 1080, 'f1083d8ffd3956f08aa98c11e087ef6ff2b2056a316c0f53c7d3c7a6270dcda2'],
  ])('gives the bytes of cv2.resize for %d × %d pixels', (width, height, sha256) => {
    const { data } = resizeAsOpenCv(noise(width, height), 96, 96);
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
  });

  it('leaves a picture of the right size as it is', () => {
    const picture = noise(96, 96);
    expect(resizeAsOpenCv(picture, 96, 96)).toEqual(picture);
  });
});

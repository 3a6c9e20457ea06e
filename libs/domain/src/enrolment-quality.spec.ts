import { describe, expect, it } from '@jest/globals';
import { assertEnrollable } from './enrolment-quality.ts';

describe('assertEnrollable', () => {
  it.each([
    [25, ['blurred'], true],
    [24, ['blurred'], false],
    [24, ['turned-away'], true],
    [20, ['turned-away'], true],
    [19, ['turned-away'], false],
    [24, ['turned-away', 'dark'], false],
    [90, [], true],
  ])('quality %d with the faults %j: %j', (score, reasons, enrollable) => {
    const judge = () => assertEnrollable({ score, reasons }, 'face.jpg');
    if (enrollable) expect(judge).not.toThrow();
    else expect(judge).toThrow(/"face\.jpg" is not good enough: .*quality \d+ of 100/);
  });
});

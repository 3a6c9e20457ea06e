import { describe, expect, it } from '@jest/globals';
import { isExcepted } from './web-access.ts';

describe('NO_PROXY', () => {
  it.each<[string, string, boolean]>([
    ['', 'https://models.example/', false],
    ['models.example', 'https://models.example/x', true],
    ['other.example, Models.Example', 'https://models.example/', true],
    ['example', 'https://models.example/', true],
    ['.example', 'https://models.example/', true],
    ['*.example', 'https://models.example/', true],
    ['ample', 'https://models.example/', false],
    ['models.example:8443', 'https://models.example/', false],
    ['models.example:443', 'https://models.example/', true],
    ['models.example:8443', 'https://models.example:8443/', true],
    ['*', 'https://models.example/', true],
  ])('"%s" for %s: %s', (except, url, expected) => {
    expect(isExcepted(new URL(url), except)).toBe(expected);
  });
});

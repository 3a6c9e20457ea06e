import { describe, expect, it } from '@jest/globals';
import { returnPath, signInPath } from './return-path.ts';

describe('the way back after signing in', () => {
  it('leads to the page that was asked for, with its filters', () => {
    const path = '/log?kind=unknown&event=1';
    expect(returnPath(new URL(signInPath(path), 'http://localhost').searchParams)).toBe(path);
  });

  it('is the first page when none was asked for', () => {
    expect(signInPath('/')).toBe('/sign-in');
    expect(returnPath(new URLSearchParams())).toBe('/');
  });

  it.each([
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    '/sign-in',
  ])('never leads to %s', (back) => {
    expect(returnPath(new URLSearchParams({ back }))).toBe('/');
  });
});

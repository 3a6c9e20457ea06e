import { describe, expect, it } from '@jest/globals';
import { newPasswordProblem } from './new-password.ts';

describe('newPasswordProblem', () => {
  it.each([
    ['short', 'Too short: 5 of at least 12 characters.'],
    ['x'.repeat(1025), 'Too long: at most 1024 characters.'],
    ['the present one', 'It is the same as the present one.'],
    ['correct horse battery', null],
  ])('says of "%s": %s', (newPassword, problem) => {
    expect(newPasswordProblem({ currentPassword: 'the present one', newPassword })).toBe(problem);
  });
});

import { describe, expect, it } from '@jest/globals';
import { createAccountRequest } from '@latchkey/contracts';
import { firstPassword, passwordFrom } from './first-password.ts';

describe('the password of a new account', () => {
  it('is one that the API takes, and another one each time', () => {
    const [one, other] = [firstPassword(), firstPassword()];
    expect(one).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect(one).not.toBe(other);
    expect(createAccountRequest.safeParse({ email: 'a@b.example', password: one, role: 'viewer' }).success).toBe(true);
  });

  it('passes over bytes that would make some characters likelier', () => {
    expect(passwordFrom(Uint8Array.from([255, 254, 253, 252, 251, 250, 249, 248, ...Array(20).fill(0)]))).toBe(
      'aaaaa-aaaaa-aaaaa-aaaaa',
    );
  });
});

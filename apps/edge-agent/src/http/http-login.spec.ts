import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { authorizationFor } from './http-login.ts';

const ada = { user: 'Mufasa', password: 'CircleOfLife' };

describe('the answer to a device that wants a password', () => {
  it('is the one of RFC 2069 (with its erratum 749) where the device is as old as that', () => {
    const challenge =
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    expect(authorizationFor(challenge, ada, 'GET', '/dir/index.html')).toBe(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", algorithm=MD5, response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
  });

  it.each([
    ['MD5', 'md5'],
    ['SHA-256', 'sha256'],
  ])('counts and salts with %s as RFC 7616 wants', (algorithm, name) => {
    const challenge = `Digest realm="r", qop="auth, auth-int", algorithm=${algorithm}, nonce="n"`;
    const header = authorizationFor(challenge, ada, 'GET', '/x?y=1') ?? '';
    const [, cnonce] = /cnonce="(\w+)"/.exec(header) ?? [];
    const hash = (text: string) => createHash(name).update(text).digest('hex');
    const secret = hash('Mufasa:r:CircleOfLife');
    expect(header).toContain(`response="${hash(`${secret}:n:00000001:${cnonce}:auth:${hash('GET:/x?y=1')}`)}"`);
  });

  it('is Basic where nothing better is offered, and nothing where neither is', () => {
    expect(authorizationFor('Basic realm="r"', ada, 'GET', '/')).toBe('Basic TXVmYXNhOkNpcmNsZU9mTGlmZQ==');
    expect(authorizationFor('Digest realm="r", algorithm=X, nonce="n", Basic realm="r"', ada, 'GET', '/')).toMatch(
      /^Basic /,
    );
    expect(authorizationFor('Negotiate', ada, 'GET', '/')).toBeNull();
  });
});

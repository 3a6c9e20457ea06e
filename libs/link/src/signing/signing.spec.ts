import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, copyFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KeyPurpose, keyPurposes, type SignedMessage, signedMessage } from '@latchkey/contracts';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { openSigned } from './open-signed.ts';
import { SigningKeys } from './signing-keys.ts';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const message = { topic: 'latchkey/v1/lab/door-1/ack', audience: 'lab/door-1', payload: '{"a":"é"}' };

function expected(keys: SigningKeys, purpose: KeyPurpose = 'ack') {
  return { topic: message.topic, audience: message.audience, purpose, trustedKeys: keys.trustedKeys() };
}

function changed(text: string, change: Partial<SignedMessage>): string {
  return JSON.stringify({ ...signedMessage.parse(JSON.parse(text)), ...change });
}

describe('SigningKeys and openSigned', () => {
  it('gives the payload of what it signed, after a restart too', () => {
    const text = SigningKeys.loadOrCreate(folder.path).sign('ack', message);
    const keys = SigningKeys.loadOrCreate(folder.path);
    expect(openSigned(Buffer.from(text), expected(keys))).toBe(message.payload);
    expect(openSigned(keys.sign('ack', message), expected(keys))).toBe(message.payload);
  });

  it('keeps one key for every purpose in files for the owner only', () => {
    const keys = SigningKeys.loadOrCreate(folder.file('keys'));
    expect(readdirSync(folder.file('keys')).sort()).toEqual(keyPurposes.map((purpose) => `${purpose}.pem`).sort());
    expect(statSync(folder.file('keys')).mode & 0o777).toBe(0o700);
    expect(statSync(folder.file('keys/ack.pem')).mode & 0o777).toBe(0o600);
    expect(new Set(keys.trustedKeys().map(({ publicKey }) => publicKey)).size).toBe(keyPurposes.length);
    for (const { keyId, purpose } of keys.trustedKeys()) expect(keyId).toMatch(new RegExp(`^${purpose}-[0-9a-f]{8}$`));
  });

  it.each<[string, (text: string, keys: SigningKeys) => string]>([
    ['its payload was changed', (text) => changed(text, { payload: '{"a":"e"}' })],
    ['its signature was changed', (text) => changed(text, { signature: Buffer.alloc(64).toString('base64') })],
    ['its signature is short', (text) => changed(text, { signature: 'AAAA' })],
    ['it was signed for another topic', (_, keys) => keys.sign('ack', { ...message, topic: `${message.topic}/x` })],
    ['it is for another device', (_, keys) => keys.sign('ack', { ...message, audience: 'lab/door-2' })],
    [
      'its audience was rewritten',
      (_, keys) => changed(keys.sign('ack', { ...message, audience: 'lab/door-2' }), { audience: message.audience }),
    ],
    ['it was signed for another purpose', (_, keys) => keys.sign('gallery', message)],
    ['it names a key that nobody knows', (text) => changed(text, { keyId: 'ack-00000000' })],
    ['it claims to be encrypted', (text) => changed(text, { encryption: { groupKeyId: 'a', nonce: '' } })],
    ['it has another version', (text) => text.replace('"v":1', '"v":2')],
    ['it has a further field', (text) => text.replace('"v":1', '"v":1,"w":1')],
    ['it is no JSON', () => 'nonsense'],
    ['it is empty', () => ''],
  ])('refuses a message when %s', (_, attack) => {
    const keys = SigningKeys.loadOrCreate(folder.path);
    const text = attack(keys.sign('ack', message), keys);
    expect(() => openSigned(text, expected(keys))).toThrow(expect.objectContaining({ code: 'signature-invalid' }));
  });

  it('refuses what another central signed', () => {
    const keys = SigningKeys.loadOrCreate(folder.file('ours'));
    const foreign = SigningKeys.loadOrCreate(folder.file('theirs')).sign('ack', message);
    expect(() => openSigned(foreign, expected(keys))).toThrow(expect.objectContaining({ code: 'signature-invalid' }));
  });

  it('trusts two keys of a purpose while one replaces the other', () => {
    const old = SigningKeys.loadOrCreate(folder.path);
    const before = old.sign('ack', message);
    renameSync(folder.file('ack.pem'), folder.file('ack.previous.pem'));
    const renewed = SigningKeys.loadOrCreate(folder.path);
    const after = renewed.sign('ack', message);
    expect(openSigned(before, expected(renewed))).toBe(message.payload);
    expect(openSigned(after, expected(renewed))).toBe(message.payload);
    expect(() => openSigned(after, expected(old))).toThrow(expect.objectContaining({ code: 'signature-invalid' }));
  });

  it.each([
    ['no PEM', 'nonsense'],
    ['of another type', generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('says storage-corrupt for a key file that is %s and keeps it', (_, text) => {
    SigningKeys.loadOrCreate(folder.path);
    copyFileSync(folder.file('ack.pem'), folder.file('good'));
    chmodSync(folder.file('ack.pem'), 0o600);
    writeFileSync(folder.file('ack.pem'), text);
    expect(() => SigningKeys.loadOrCreate(folder.path)).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
  });
});

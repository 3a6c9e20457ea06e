import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SigningKeys } from '@latchkey/link';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { readAgentIdentity } from './read-agent-identity.ts';

describe('identity of a device', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  const whole = () => ({
    siteId: 'main',
    deviceId: 'front',
    mqtt: { url: 'mqtt://127.0.0.1:1883', username: 'front', password: 'secret' },
    trustedKeys: SigningKeys.loadOrCreate(folder.file('keys')).trustedKeys(),
  });

  it('is read from its file', () => {
    writeFileSync(folder.file('agent.json'), JSON.stringify(whole()));
    expect(readAgentIdentity(folder.path)).toEqual(whole());
  });

  it('is missing when the device did not join', () => {
    expect(() => readAgentIdentity(folder.path)).toThrow(expect.objectContaining({ code: 'missing-file' }));
  });

  it.each([
    ['half a file', '{"siteId":"ma'],
    ['no keys', JSON.stringify({ ...{ siteId: 'main', deviceId: 'front' }, trustedKeys: [] })],
    ['another thing', '[]'],
  ])('is refused when damaged: %s', (_, text) => {
    writeFileSync(folder.file('agent.json'), text);
    expect(() => readAgentIdentity(folder.path)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('never shows its password in an error', () => {
    writeFileSync(folder.file('agent.json'), JSON.stringify({ ...whole(), siteId: 'BAD' }));
    expect(() => readAgentIdentity(folder.path)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});

import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { readAgentConfig } from './agent.config.ts';

describe('a file of options', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  function read(text: string, environment: Record<string, string> = {}) {
    writeFileSync(folder.file('agent.yaml'), text);
    return readAgentConfig({ LATCHKEY_CONFIG_FILE: folder.file('agent.yaml'), ...environment });
  }

  it('says what the environment does not', () => {
    const text = 'camera: pictures\ncameraHoldMs: 100 # short\noutboxKeepDays: 3\n';
    expect(read(text, { LATCHKEY_OUTBOX_KEEP_DAYS: '5', LATCHKEY_ENGINE: '' })).toMatchObject({
      cameras: [{ holdMs: 100 }],
      outboxKeepDays: 5,
      engine: 'auto',
    });
  });

  it('may be JSON', () => {
    expect(read('{ "camera": "pictures", "logLevel": "debug" }').logLevel).toBe('debug');
  });

  it('writes out what has parts', () => {
    const config = read(
      'cameras:\n  - id: front\n    source: pictures\ndoor:\n  votesNeeded: 3\n  rules: { timeZone: Europe/Berlin }\n',
    );
    expect(config.cameras).toMatchObject([{ id: 'front' }]);
    expect(config.door).toEqual({ votesNeeded: 3, rules: { timeZone: 'Europe/Berlin' } });
  });

  it.each([
    ['an option that there is not', 'camera: x\nvotes: 3\n', 'config-invalid', /"votes".*cameraFps/s],
    ['a value out of range', 'camera: x\noutboxMaxEvents: 3\n', 'config-invalid', /LATCHKEY_OUTBOX_MAX_EVENTS/],
    ['a list', '- camera\n', 'config-invalid', /options with values/],
    ['no YAML', 'camera: [x\n', 'config-invalid', /neither YAML nor JSON/],
    ['aliases', 'camera: &a x\nlogLevel: *a\n', 'config-invalid', /neither YAML nor JSON/],
    ['a door that is no JSON', 'camera: x\ndoor: open\n', 'config-invalid', /LATCHKEY_DOOR/],
  ])('is refused with %s', (_, text, code, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('is refused when it is not there', () => {
    expect(() => readAgentConfig({ LATCHKEY_CONFIG_FILE: folder.file('none.yaml') })).toThrow(
      expect.objectContaining({ code: 'missing-file' }),
    );
  });
});

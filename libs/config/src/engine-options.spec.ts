import { describe, expect, it } from '@jest/globals';
import { readAgentConfig } from './agent.config.ts';
import { readCentralConfig } from './central.config.ts';
import { readCliConfig } from './cli.config.ts';

const others = { LATCHKEY_DATABASE_URL: 'postgres://localhost/latchkey', LATCHKEY_CAMERA: 'pictures' };

describe.each([
  ['central', readCentralConfig],
  ['agent', readAgentConfig],
  ['latchkey', readCliConfig],
])('engine options of %s', (_, read) => {
  it('name one folder for all, that of the user unless told otherwise', () => {
    expect(read({ ...others, LATCHKEY_ENGINE_DIR: '/opt/engines' }).engineDir).toBe('/opt/engines');
    expect(read(others).engineDir).toBe(readCentralConfig(others).engineDir);
    expect(read(others).engineDir).toMatch(/engines$/);
  });

  it('name the cores of a picture: one unless told otherwise, and no number that is none', () => {
    expect(read({ ...others, LATCHKEY_ENGINE_THREADS: '4' }).engineThreads).toBe(4);
    expect(read(others).engineThreads).toBe(1);
    for (const wrong of ['0', '1.5', 'many', '65']) {
      expect(() => read({ ...others, LATCHKEY_ENGINE_THREADS: wrong })).toThrow(
        expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(/LATCHKEY_ENGINE_THREADS/) }),
      );
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { readAgentConfig } from './agent.config.ts';
import { readCentralConfig } from './central.config.ts';
import { readCliConfig } from './cli.config.ts';

describe('LATCHKEY_ENGINE_DIR', () => {
  const others = { LATCHKEY_DATABASE_URL: 'postgres://localhost/latchkey', LATCHKEY_CAMERA: 'pictures' };
  it.each([
    ['central', readCentralConfig],
    ['agent', readAgentConfig],
    ['latchkey', readCliConfig],
  ])('is read by %s; without it all look into one folder of the user', (_, read) => {
    expect(read({ ...others, LATCHKEY_ENGINE_DIR: '/opt/engines' }).engineDir).toBe('/opt/engines');
    expect(read(others).engineDir).toBe(readCentralConfig(others).engineDir);
    expect(read(others).engineDir).toMatch(/engines$/);
  });
});

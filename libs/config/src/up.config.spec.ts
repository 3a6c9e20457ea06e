import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from './up.config.ts';

describe('childEnvironment', () => {
  it('is the own environment with changes, and without what a change takes away', () => {
    const environment = { PATH: '/bin', LATCHKEY_MQTT_URL: 'mqtt://other', LATCHKEY_LOG_LEVEL: 'info' };
    const changes = { LATCHKEY_MQTT_URL: undefined, LATCHKEY_LOG_LEVEL: 'debug' };
    const child = childEnvironment(changes, environment);
    expect(child).toEqual({ ...childEnvironment({}, {}), PATH: '/bin', LATCHKEY_LOG_LEVEL: 'debug' });
  });

  it('bounds the heaps of the C library, unless the user has chosen', () => {
    expect(childEnvironment({}, {})).toEqual({ MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' });
    expect(childEnvironment({}, { MALLOC_ARENA_MAX: '8' })).toMatchObject({ MALLOC_ARENA_MAX: '8' });
  });
});

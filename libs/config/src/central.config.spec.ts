import { describe, expect, it } from '@jest/globals';
import { readCentralConfig } from './central.config.ts';

const environment = { LATCHKEY_DATABASE_URL: 'postgresql://127.0.0.1/latchkey' };

describe('configuration of central', () => {
  it('takes the time zone of the machine for new doors unless another one is given', () => {
    expect(readCentralConfig(environment).timeZone).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(readCentralConfig({ ...environment, LATCHKEY_TIME_ZONE: 'Asia/Tokyo' }).timeZone).toBe('Asia/Tokyo');
  });

  it('refuses a time zone that there is not, and says which option it is', () => {
    expect(() => readCentralConfig({ ...environment, LATCHKEY_TIME_ZONE: 'Mars/Olympus' })).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining('LATCHKEY_TIME_ZONE') }),
    );
  });
});

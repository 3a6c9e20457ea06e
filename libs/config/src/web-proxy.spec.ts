import { describe, expect, it } from '@jest/globals';
import { readWebProxy } from './web-proxy.ts';

describe('readWebProxy', () => {
  it('knows the variables in both spellings, the lower case first', () => {
    expect(readWebProxy({})).toBeNull();
    expect(readWebProxy({ HTTPS_PROXY: '' })).toBeNull();
    expect(readWebProxy({ HTTPS_PROXY: 'http://a:3128', NO_PROXY: 'x' })).toEqual({
      url: 'http://a:3128',
      except: 'x',
    });
    const both = { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2', no_proxy: 'y', NO_PROXY: 'x' };
    expect(readWebProxy(both)).toEqual({ url: 'http://b:2', except: 'y' });
  });

  it('refuses what is no address', () => {
    expect(() => readWebProxy({ HTTPS_PROXY: 'proxy:3128' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});

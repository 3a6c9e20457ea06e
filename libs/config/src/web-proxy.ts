import { LatchkeyError } from '@latchkey/domain';
import type { Environment } from './read-options.ts';

/** The way to `https:` addresses outside, where a network has no other. */
export interface WebProxy {
  readonly url: string;
  /** Hosts that are asked without it, separated by commas. */
  readonly except: string;
}

/**
 * The proxy that programs share by `HTTPS_PROXY` and `NO_PROXY` (or in lower case, which wins); null without one.
 * @throws LatchkeyError `config-invalid` when it is no address.
 */
export function readWebProxy(environment: Environment = process.env): WebProxy | null {
  const url = environment.https_proxy || environment.HTTPS_PROXY;
  if (!url) return null;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new LatchkeyError('config-invalid', 'HTTPS_PROXY must be an address like http://proxy.example:3128.');
  }
  return { url, except: environment.no_proxy || environment.NO_PROXY || '' };
}

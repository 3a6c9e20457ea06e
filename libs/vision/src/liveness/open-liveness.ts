import type { NetworkContext } from '../analyze/network-context.ts';
import { antispoof } from '../networks/antispoof/network.ts';
import { liveness } from '../networks/liveness/network.ts';
import { loadable } from '../networks/load-network.ts';
import type { Network } from '../networks/network.ts';
import type { LivenessScorer } from './liveness.ts';
import { NetworkLiveness } from './network-liveness.ts';

/** Loads what comes with Latchkey. @throws LatchkeyError `model-missing`, `model-corrupt`. */
export async function openLiveness({ engine, models, cache, onProgress }: NetworkContext): Promise<LivenessScorer> {
  const load = (network: Network) => engine.load(loadable(network, models, cache, onProgress));
  return new NetworkLiveness(...(await Promise.all([load(antispoof), load(liveness)])));
}

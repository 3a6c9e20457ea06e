import type { NetworkSession } from '../engines/inference-engine.ts';

/** Sizes that are kept: a camera has one, a folder of pictures a few; each holds some megabytes. */
const KEPT = 6;

/**
 * Sessions of a network that takes pictures of many sizes, one for each size, opened when first asked for; the one that was
 * not asked for longest is disposed of. Not for calls that overlap.
 */
export class SessionsBySize {
  readonly #open: (width: number, height: number) => Promise<NetworkSession>;
  readonly #sessions = new Map<string, NetworkSession>();

  /** @param open opens a session for one size. */
  constructor(open: (width: number, height: number) => Promise<NetworkSession>) {
    this.#open = open;
  }

  /** The session for inputs of a size. */
  async of(width: number, height: number): Promise<NetworkSession> {
    const size = `${width}x${height}`;
    const session = this.#sessions.get(size) ?? (await this.#open(width, height));
    this.#sessions.delete(size);
    this.#sessions.set(size, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size > KEPT && oldest) {
      this.#sessions.delete(oldest[0]);
      await oldest[1].dispose();
    }
    return session;
  }
}

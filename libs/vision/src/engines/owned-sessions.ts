import { LatchkeyError } from '@latchkey/domain';
import { checkedSession } from './checked-session.ts';
import type { LoadableNetwork, NetworkSession } from './inference-engine.ts';

/** The sessions of one engine: they end with it at the latest. */
export class OwnedSessions {
  readonly #engine: string;
  readonly #sessions = new Set<NetworkSession>();
  #disposed = false;

  /** @param engine for people. */
  constructor(engine: string) {
    this.#engine = engine;
  }

  /**
   * Opens a session, checks from then on what goes in and what comes out, and ends it when the engine ends.
   * @throws LatchkeyError `engine-unavailable` when the engine was disposed of, also while the session was opened.
   */
  async open(network: LoadableNetwork, open: () => Promise<NetworkSession>): Promise<NetworkSession> {
    this.#assertUsable(network);
    const session = checkedSession(network, await open());
    if (this.#disposed) await session.dispose();
    this.#assertUsable(network);
    this.#sessions.add(session);
    return {
      run: (inputs) => session.run(inputs),
      dispose: async () => {
        this.#sessions.delete(session);
        await session.dispose();
      },
    };
  }

  /** Ends all of them; may be called twice. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const sessions = [...this.#sessions];
    this.#sessions.clear();
    for (const session of sessions) await session.dispose();
  }

  #assertUsable(network: LoadableNetwork): void {
    if (!this.#disposed) return;
    throw new LatchkeyError(
      'engine-unavailable',
      `${this.#engine} was disposed of and does not load ${network.name}; open an engine anew.`,
    );
  }
}

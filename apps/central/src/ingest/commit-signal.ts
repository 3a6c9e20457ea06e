import { Injectable } from '@nestjs/common';

/** Tells this process's readers of the log that something was committed here. Other instances' readers poll. */
@Injectable()
export class CommitSignal {
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` after every commit. Returns its removal. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called after a commit. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A part of the agent with a life of its own. Constructors only assign; both methods may be called twice. */
export interface Feature {
  /** For log lines. */
  readonly name: string;
  start(): Promise<void> | void;
  /** Undoes what `start` did, also when that failed half-way. */
  stop(): Promise<void> | void;
}

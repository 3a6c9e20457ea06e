/** A Ctrl-C (or SIGTERM) that lets a command put things in order before it ends as the signal would have ended it. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Ends the process by the signal, if one came. */
  end(): void;
}

/** Listens until {@link Interruption.end}. A second signal ends the process at once. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let came: NodeJS.Signals | null = null;
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = (): void => {
      came = name;
      controller.abort(new Error(`ended by ${name}`));
    };
    process.once(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    end() {
      for (const { name, listener } of listeners) process.off(name, listener);
      if (came) process.kill(process.pid, came);
    },
  };
}

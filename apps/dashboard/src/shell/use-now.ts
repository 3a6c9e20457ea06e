import { useSyncExternalStore } from 'react';

const tickMs = 5_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function read(): number {
  // Without a running timer the value may be old: the first reader after a pause takes the present time.
  if (timer === undefined) now = Date.now();
  return now;
}

/** The present in milliseconds, renewed every five seconds by one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}

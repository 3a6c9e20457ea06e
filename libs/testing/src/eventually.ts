import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until the answer is neither false, null nor undefined, and gives it.
 * @throws Error naming `what` when `timeoutMs` have passed.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 45_000,
): Promise<Exclude<T, false | null | undefined>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isAnswer(answer)) return answer;
    if (performance.now() > until) throw new Error(`${what}: not within ${timeoutMs} ms.`);
    await delay(10);
  }
}

function isAnswer<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}

/** Times of one work in milliseconds. */
export interface Times {
  readonly median: number;
  /** What is compared: on a busy machine medians of two equal works differ by half and more. */
  readonly fastest: number;
}

const maxRounds = 40;
const minRounds = 3;

/** How many times its budget a comparison may take while its ratio is none that can be believed. */
const patience = 5;

/**
 * Times of each work, run in turn and in changing order so that a busy machine slows all of them alike.
 * @param budgetMs time for all of them.
 * @param allowedRatio of the first to the second: while it is above, or below its inverse, rounds are added. The second does
 * nothing that the first does not do, so both are signs of a machine that was busy; a rule for one side alone would flatter.
 */
export async function interleavedMs(
  works: readonly (() => Promise<unknown>)[],
  budgetMs: number,
  allowedRatio = Number.POSITIVE_INFINITY,
): Promise<readonly Times[]> {
  const lists = works.map((): number[] => []);
  for (const work of works) await work();
  const started = performance.now();
  for (let round = 0; round < maxRounds * patience; round++) {
    const spentMs = performance.now() - started;
    const between = ratio(lists);
    const doubtful = between > allowedRatio || between < 1 / allowedRatio;
    const enough = doubtful ? spentMs > budgetMs * patience : spentMs > budgetMs || round >= maxRounds;
    if (round >= minRounds && enough) break;
    const order = [...works.entries()];
    for (const [i, work] of round % 2 === 0 ? order : order.reverse()) {
      const from = performance.now();
      await work();
      lists[i]?.push(performance.now() - from);
    }
  }
  return lists.map((list) => {
    const sorted = [...list].sort((a, b) => a - b);
    return { median: sorted[sorted.length >> 1] ?? Number.NaN, fastest: sorted[0] ?? Number.NaN };
  });
}

function ratio([first = [], second = []]: readonly (readonly number[])[]): number {
  return second.length === 0 ? 1 : Math.min(...first) / Math.min(...second);
}

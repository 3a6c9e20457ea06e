/** One measured number, in the form that `npm run bench -- NAME --json` prints. */
export interface Figure {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly higherIsBetter: boolean;
  readonly holds: boolean;
  /** The limit or the competitor that the value is compared with, measured in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
}

/** A figure whose goal is a bound: at least the goal when higher is better, at most it otherwise. */
export function figureOf(figure: Omit<Figure, 'holds' | 'value'> & { readonly value: number }): Figure {
  const value = Number(figure.value.toPrecision(4));
  return { ...figure, value, holds: figure.higherIsBetter ? value >= figure.goal : value <= figure.goal };
}

/** Median time of one call in milliseconds, after a few calls that do not count. */
export async function medianMs(work: () => unknown, rounds = 30): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds + 3; i++) {
    const started = performance.now();
    await work();
    if (i >= 3) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
}

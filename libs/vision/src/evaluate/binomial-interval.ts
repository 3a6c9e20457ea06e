import { LatchkeyError } from '@latchkey/domain';

/** A share of trials with its confidence interval. */
export interface Proportion {
  readonly count: number;
  readonly trials: number;
  /** `count / trials`. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A share and its exact interval after Clopper and Pearson (1934, Biometrika 26: 404–413), which covers the true share with
 * at least the given confidence, also when nothing was counted. It takes the trials for independent: pairs that share
 * pictures are not, and their true interval is wider.
 * @param confidence 0 … 1 exclusive; ISO/IEC 19795-1 reports 95 %.
 * @throws LatchkeyError `invalid-input` when the count is not one of 0 … trials.
 */
export function proportion(count: number, trials: number, confidence = 0.95): Proportion {
  if (!(Number.isInteger(count) && Number.isInteger(trials) && trials > 0 && count >= 0 && count <= trials)) {
    throw new LatchkeyError('invalid-input', `${count} of ${trials} is no share; count again.`);
  }
  const tail = (1 - confidence) / 2;
  return {
    count,
    trials,
    rate: count / trials,
    low: count === 0 ? 0 : betaQuantile(tail, count, trials - count + 1),
    high: count === trials ? 1 : betaQuantile(1 - tail, count + 1, trials - count),
  };
}

/** Halvings after which a double does not change any more. */
const HALVINGS = 64;

function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (betaDistribution(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function I_x(a, b); DLMF 8.17.22, whose fraction converges quickly below its mean. */
function betaDistribution(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logFactor = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFactor) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(logFactor) * betaFraction(1 - x, b, a)) / b;
}

const EPSILON = 1e-15;
/** Stands for 0 in a denominator (Lentz's method). */
const TINY = 1e-300;
/** Terms grow with the root of the larger parameter: enough for 10^12 trials. */
const MAX_TERMS = 1_000_000;

/** The continued fraction of DLMF 8.17.22 by Lentz's method as Thompson and Barnett (1986) changed it. */
function betaFraction(x: number, a: number, b: number): number {
  const safe = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return fraction;
}

/** From here on Stirling's series below is exact to a double. */
const STIRLING_FROM = 16;

/** Logarithm of the gamma function for positive arguments: Stirling's series, DLMF 5.11.1. */
function logGamma(argument: number): number {
  let shift = 0;
  let x = argument;
  for (; x < STIRLING_FROM; x++) shift += Math.log(x);
  const inverse = 1 / x;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift;
}

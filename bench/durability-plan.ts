import { mulberry32 } from '@latchkey/vision';

/** What else goes wrong in one life of the agent. */
export type Fault =
  | 'none'
  | 'cut'
  | 'tear'
  | 'stall'
  | 'swallow'
  | 'refuse'
  | 'central-cut'
  | 'broker-dies'
  | 'central-dies'
  | 'postgres-dies';

/** One life of the agent: from its start to its kill -9. */
export interface Life {
  /** From 1. */
  readonly number: number;
  /** Events that it stores before it dies. */
  readonly events: number;
  /** Share of them, 0 to 1, after which the fault happens. */
  readonly faultAt: number;
  readonly fault: Fault;
  /** Further time until the kill, so that it falls into any step of the work and not only after an append. */
  readonly extraMs: number;
  /** The device's line is away for the whole life: its outbox overflows. */
  readonly offline: boolean;
}

/** Faults and how often they come, in shares of all lives. */
const faults: readonly (readonly [Fault, number])[] = [
  ['cut', 0.12],
  ['tear', 0.12],
  ['stall', 0.08],
  ['swallow', 0.06],
  ['refuse', 0.06],
  ['central-cut', 0.06],
  ['broker-dies', 0.08],
  ['central-dies', 0.05],
  ['postgres-dies', 0.04],
];

/** Every so manieth life begins a time offline of `offlineLives`, first `firstOffline`: early enough for a short run. */
const offlineEvery = 60;
const offlineLives = 10;
const firstOffline = 4;

/**
 * What happens in life `number` of a run; the same for the same seed, whatever happened before, so that a run can be taken up anywhere.
 * @param meanEvents of one life.
 */
export function lifeOf(seed: number, number: number, meanEvents: number): Life {
  const random = mulberry32((Math.imul(seed, 1_000_003) ^ Math.imul(number, 7_919)) | 0);
  random();
  const events = 1 + Math.floor(random() * (2 * meanEvents - 1));
  const faultAt = random();
  let choice = random();
  const fault = faults.find(([, share]) => {
    choice -= share;
    return choice < 0;
  });
  return {
    number,
    events,
    faultAt,
    fault: fault?.[0] ?? 'none',
    extraMs: random() * 30,
    offline: number >= firstOffline && (number - firstOffline) % offlineEvery < offlineLives,
  };
}

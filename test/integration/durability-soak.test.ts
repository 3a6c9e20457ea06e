import { describe, expect, it } from '@jest/globals';
import { faultsOf, growthOf, type SoakMinute } from '../../bench/soak-verdict.ts';

const calm: SoakMinute = {
  minute: 1,
  rssMB: 280,
  rssMaxMB: 300,
  heapMB: 40,
  handles: 35,
  threads: 17,
  events: 40,
  warnings: 0,
  errors: 0,
  centralMB: 200,
};

/** Ten minutes; each as the calm one, with what a function changes. */
function run(change: (minute: number) => Partial<SoakMinute> = () => ({})): SoakMinute[] {
  return Array.from({ length: 10 }, (_, i) => ({ ...calm, minute: i + 1, ...change(i + 1) }));
}

describe('the verdict of a soak', () => {
  it('is good about a run that is flat, noisy, or only warms up', () => {
    expect(faultsOf(run())).toEqual([]);
    expect(faultsOf(run((minute) => ({ rssMB: 280 + (minute % 3) * 6 })))).toEqual([]);
    expect(faultsOf(run((minute) => ({ rssMB: minute < 3 ? 200 : 280 })))).toEqual([]);
    expect(faultsOf(run((minute) => ({ rssMB: 280 + minute * 0.5, heapMB: null })))).toEqual([]);
  });

  it('finds memory that rises in a line, of the process, of the heap, of central', () => {
    expect(faultsOf(run((minute) => ({ rssMB: 250 + minute * 3 })))).toEqual([
      'Resident memory grows by 3.00 MB a minute, 21.0 MB since the warm-up; 13.0 are tolerated.',
    ]);
    expect(faultsOf(run((minute) => ({ heapMB: 40 + minute * 2 })))).toEqual([
      expect.stringContaining('The heap grows'),
    ]);
    expect(faultsOf(run((minute) => ({ centralMB: 200 + minute * 10 })))).toEqual([expect.stringContaining('Central')]);
  });

  it('finds handles that grow, minutes without events, errors, and an agent above its limit', () => {
    expect(faultsOf(run((minute) => ({ handles: 30 + minute })))).toEqual(['Handles grew from 33 to 40.']);
    expect(faultsOf(run((minute) => (minute === 7 ? { events: 0 } : {})))).toEqual([
      'No event reached central in minute 7.',
    ]);
    expect(faultsOf(run((minute) => (minute === 1 ? { errors: 2, rssMaxMB: 351 } : {})))).toEqual([
      'The agent took 351 MB, more than 350.',
      'The agent logged 2 errors.',
    ]);
  });

  it('draws no line through fewer than four minutes', () => {
    expect(growthOf([1, 2, 3])).toBeNull();
    expect(growthOf([1, 2, 3, 4])).toMatchObject({ perMinute: 1, total: 3, isSignificant: true });
  });
});

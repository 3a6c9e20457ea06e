import { describe, expect, it } from '@jest/globals';
import { CentralProcess, findMosquitto } from '@latchkey/testing';
import { runFaults } from '../../bench/durability-faults.ts';
import { judge, type LoggedEvent } from '../../bench/durability-verdict.ts';

if (!CentralProcess.isBuilt)
  console.warn('Central is not compiled (npx tsc -b apps/central): the fault run is skipped.');
if (!findMosquitto()) console.warn('Mosquitto is not installed: the broker inside central dies with central.');

// A small share of `npm run bench -- faults --kills 500 --events 20000`; its lives 4 to 13 are offline and overflow the outbox.
(CentralProcess.isBuilt ? it : it.skip)(
  'the log holds every event once and as its number says, gaps only where a dropped event says so, after 14 kills of the agent among broken lines and dying parts',
  async () => {
    const lines: string[] = [];
    const result = await runFaults({
      kills: 14,
      events: 560,
      seed: 20_261_125,
      everyMs: 4,
      tell: (line) => lines.push(line),
    });
    expect({ ...result, lines }).toMatchObject({ lost: 0, doubled: 0, disordered: 0, unsettled: 0, deadLetters: 0 });
    expect(result.pending).toBe(0);
    expect(result.declared).toBeGreaterThan(0);
    expect(result.logged + result.declared - result.declaredAndLogged).toBeGreaterThanOrEqual(result.appended);
  },
  300_000,
);

describe('the verdict on a log', () => {
  /** An event of the only stream; ids ascend with `born`. */
  const filed = (position: number, seq: number, born = seq): LoggedEvent => ({
    position,
    stream_id: 'a',
    seq,
    id: `01935b2a-000${born}-7000-8000-000000000001`,
    kind: 'unknown',
    body: null,
  });

  it.each<[string, LoggedEvent[], { late: number; disordered: number }]>([
    ['in the order of their numbers', [filed(1, 1), filed(2, 2), filed(3, 3)], { late: 0, disordered: 0 }],
    ['one after younger ones', [filed(3, 1), filed(1, 2), filed(2, 3)], { late: 1, disordered: 0 }],
    ['under numbers that are not those of their births', [filed(1, 1, 2), filed(2, 2, 1)], { late: 0, disordered: 1 }],
  ])('tells events that were filed %s', (_, logged, expected) => {
    expect(judge(logged, [], new Map())).toMatchObject({ ...expected, lost: 0, doubled: 0 });
  });
});

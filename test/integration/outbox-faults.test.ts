import { expect, it } from '@jest/globals';
import { CentralProcess, findMosquitto } from '@latchkey/testing';
import { runFaults } from '../../bench/durability-faults.ts';

if (!CentralProcess.isBuilt)
  console.warn('Central is not compiled (npx tsc -b apps/central): the fault run is skipped.');
if (!findMosquitto()) console.warn('Mosquitto is not installed: the broker inside central dies with central.');

// A small share of `npm run bench -- faults --kills 500 --events 20000`; its lives 4 to 13 are offline and overflow the outbox.
(CentralProcess.isBuilt ? it : it.skip)(
  'the log holds every event once and in order, gaps only where a dropped event says so, after 14 kills of the agent among broken lines and dying parts',
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

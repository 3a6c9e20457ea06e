import { expect, it } from '@jest/globals';
import { ProcessLoad } from './process-load.ts';

it('is the share of a core since it was asked last, of all threads together', () => {
  const load = new ProcessLoad({ user: 5_000_000, system: 1_000_000 }, 1_000);
  expect(load.take({ user: 5_500_000, system: 1_250_000 }, 11_000)).toBe(0.075);
  expect(load.take({ user: 20_500_000, system: 1_250_000 }, 21_000)).toBe(1.5);
  expect(load.take({ user: 20_500_000, system: 1_250_000 }, 31_000)).toBe(0);
  expect(load.take({ user: 20_500_000, system: 1_250_000 }, 31_000)).toBe(0);
});

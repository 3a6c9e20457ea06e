import { afterAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '@latchkey/testing';
import fc from 'fast-check';
import { allDeviceRules, type DeviceRules, PureDevice, RealDevice } from './outbox-devices.ts';
import {
  allCentralRules,
  BrokenPromise,
  type CentralRules,
  type ModelDevice,
  type ModelStep,
  OutboxWorld,
} from './outbox-world.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const pick = fc.nat({ max: 7 });
const step: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ type: 'append' as const }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('send' as const), pick }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('deliver' as const), pick }) },
  { weight: 6, arbitrary: fc.constant({ type: 'commit' as const }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('deliver-ack' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('duplicate' as const, 'lose' as const, 'duplicate-ack' as const, 'lose-ack' as const),
      pick,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'crash-device' as const,
        'wipe-device' as const,
        'backup-device' as const,
        'restore-device' as const,
        'crash-central' as const,
        'backup-central' as const,
        'restore-central' as const,
        'tell-epoch' as const,
      ),
    }),
  },
);

function propertyOf(makeDevice: () => ModelDevice, rules: CentralRules) {
  return fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const device = makeDevice();
    try {
      const world = new OutboxWorld(device, rules);
      for (const next of steps) world.step(next);
      world.settle();
    } finally {
      device.close();
    }
  });
}

describe('events between outbox and log, over a network that loses, doubles and reorders, with crashes, wipes and restores', () => {
  it('none is lost, doubled or acknowledged without being committed: the rules', () => {
    fc.assert(
      propertyOf(() => new PureDevice(), allCentralRules),
      { numRuns: 3_000 },
    );
  });

  it('none is lost, doubled or acknowledged without being committed: the outbox that ships', () => {
    let run = 0;
    fc.assert(
      propertyOf(() => new RealDevice(folder, `run-${run++}`), allCentralRules),
      { numRuns: 60 },
    );
  });

  it.each<[string, Partial<DeviceRules>, Partial<CentralRules>, RegExp]>([
    [
      'the stream is not renewed when the outbox opens',
      { renewStreamAtOpen: false },
      {},
      /never committed|not in the log/,
    ],
    ['numbers are found from what is left', { storeSeq: false }, {}, /never committed|not in the log|twice in the log/],
    ['acknowledgements go from the lowest to the highest number', {}, { exactAcks: false }, /never committed/],
    ['events are acknowledged before they are committed', {}, { ackAfterCommit: false }, /never committed/],
    ['the log takes a number twice', {}, { dedupe: false }, /twice in the log/],
    ['numbers are forgotten with their partition', {}, { dedupeForGood: false }, /twice in the log/],
    ['duplicates are not acknowledged', {}, { ackDuplicates: false }, /never acknowledged/],
    ['committed events are not sent again after a restore of central', { resurrect: false }, {}, /not in the log/],
    ['acknowledgements from before a restore count', { ignoreStaleAcks: false }, {}, /not in the log/],
  ])('finds the failure when %s', (_, deviceRules, centralRules, failure) => {
    const device = () => new PureDevice({ ...allDeviceRules, ...deviceRules });
    const property = propertyOf(device, { ...allCentralRules, ...centralRules });
    // A fixed seed: that the failure is found must not depend on luck.
    const result = fc.check(property, { numRuns: 20_000, seed: 20_261_124 });
    expect(result.failed).toBe(true);
    expect(result.errorInstance).toBeInstanceOf(BrokenPromise);
    expect(String(result.errorInstance)).toMatch(failure);
  });
});

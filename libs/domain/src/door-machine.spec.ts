import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorPolicy,
  type DoorState,
  lockedDoor,
  stepDoor,
} from './door-machine.ts';

const policy: DoorPolicy = {
  holdOpenMs: 3000,
  relockMs: 500,
  heldOpenAfterMs: 10_000,
  actuatorTimeoutMs: 2000,
  grantMaxAgeMs: 1000,
};

function aGrant(changes: Partial<DoorGrant> = {}): DoorGrant {
  return {
    sessionId: 'this-run',
    decidedAt: 10_000,
    origin: 'recognition',
    trackId: 'track',
    personId: 'ada',
    ...changes,
  };
}

const grant = aGrant();
const locked = lockedDoor('this-run');
const lockedAjar: DoorState = { ...locked, contact: 'open' };
const unlocking: DoorState = { phase: 'unlocking', sessionId: 'this-run', contact: 'closed', since: 10_000, grant };
const open: DoorState = { phase: 'open', sessionId: 'this-run', contact: 'closed', until: 13_000, grant };
const relocking: DoorState = {
  phase: 'relocking',
  sessionId: 'this-run',
  contact: 'closed',
  since: 13_000,
  grant,
  raised: false,
  failed: false,
};
const ajar: DoorState = { ...relocking, contact: 'open' };

const newGrant = aGrant({ decidedAt: 13_100, trackId: 'next', personId: 'grace' });
const events = {
  grant: { type: 'grant', at: 13_150, grant: newGrant },
  'stale grant': { type: 'grant', at: 14_101, grant: newGrant },
  'grant of another run': { type: 'grant', at: 13_150, grant: { ...newGrant, sessionId: 'earlier-run' } },
  'grant from the future': { type: 'grant', at: 13_099, grant: newGrant },
  actuated: { type: 'actuated', at: 10_040 },
  'actuator-failed': { type: 'actuator-failed', at: 10_040 },
  'contact-opened': { type: 'contact-opened', at: 12_000 },
  'contact-closed': { type: 'contact-closed', at: 12_000 },
  'tick soon': { type: 'tick', at: 10_100 },
  'tick late': { type: 'tick', at: 13_600 },
  'tick much later': { type: 'tick', at: 30_000 },
} as const satisfies Record<string, DoorEvent>;

type EventName = keyof typeof events;
const energise: DoorEffect = { type: 'energise', forMs: 3000, grant: newGrant };
const report = (action: 'opened' | 'relocked' | 'failed'): DoorEffect => ({ type: 'report', action, grant });
const raise = (alarm: 'held-open' | 'forced'): DoorEffect => ({ type: 'raise', alarm });
const granted = (contact: 'closed' | 'open'): DoorState => ({
  phase: 'unlocking',
  sessionId: 'this-run',
  contact,
  since: 13_150,
  grant: newGrant,
});
const failedAt = (since: number): DoorState => ({ ...relocking, since, failed: true });

/** Every cell that changes something; all others must leave state and world alone. */
const table: { name: string; state: DoorState; cells: Partial<Record<EventName, [DoorState, DoorEffect[]]>> }[] = [
  {
    name: 'locked',
    state: locked,
    cells: { grant: [granted('closed'), [energise]], 'contact-opened': [lockedAjar, [raise('forced')]] },
  },
  {
    name: 'locked, forced open',
    state: lockedAjar,
    cells: { grant: [granted('open'), [energise]], 'contact-closed': [locked, []] },
  },
  {
    name: 'unlocking',
    state: unlocking,
    cells: {
      actuated: [{ ...open, until: 13_040 }, [report('opened')]],
      'actuator-failed': [failedAt(10_040), [report('failed')]],
      'contact-opened': [{ ...unlocking, contact: 'open' }, []],
      'tick late': [failedAt(13_600), [report('failed')]],
      'tick much later': [failedAt(30_000), [report('failed')]],
    },
  },
  {
    name: 'open',
    state: open,
    cells: {
      grant: [granted('closed'), [energise]],
      'contact-opened': [{ ...open, contact: 'open' }, []],
      'tick late': [relocking, []],
      'tick much later': [relocking, []],
    },
  },
  {
    name: 'relocking',
    state: relocking,
    cells: {
      grant: [granted('closed'), [energise]],
      'contact-opened': [ajar, []],
      'tick late': [locked, [report('relocked')]],
      'tick much later': [locked, [report('relocked')]],
    },
  },
  {
    name: 'relocking after a failure',
    state: failedAt(13_000),
    cells: {
      grant: [granted('closed'), [energise]],
      'contact-opened': [{ ...failedAt(13_000), contact: 'open' }, []],
      'tick late': [locked, []],
      'tick much later': [locked, []],
    },
  },
  {
    name: 'relocking, standing open',
    state: ajar,
    cells: {
      grant: [granted('open'), [energise]],
      'contact-closed': [relocking, []],
      'tick much later': [{ ...ajar, raised: true }, [raise('held-open')]],
    },
  },
  {
    name: 'relocking, standing open, alarm raised',
    state: { ...ajar, raised: true },
    cells: { grant: [granted('open'), [energise]], 'contact-closed': [{ ...relocking, raised: true }, []] },
  },
];

describe('door machine', () => {
  for (const { name, state, cells } of table) {
    for (const [eventName, event] of Object.entries(events) as [EventName, DoorEvent][]) {
      it(`${name} × ${eventName}`, () => {
        const [expectedState, effects] = cells[eventName] ?? [state, []];
        expect(stepDoor(state, event, policy)).toEqual({ state: expectedState, effects });
      });
    }
  }

  const anyGrant = fc.record({
    sessionId: fc.constantFrom('this-run', 'earlier-run'),
    decidedAt: fc.nat(60_000),
    origin: fc.constantFrom('recognition' as const, 'command' as const),
    trackId: fc.constantFrom('a', 'b'),
    personId: fc.constantFrom('ada', 'grace'),
  });
  const at = fc.nat(60_000);
  const anyOther = fc.record({
    type: fc.constantFrom('actuated', 'actuator-failed', 'contact-opened', 'contact-closed', 'tick'),
    at,
  }) as fc.Arbitrary<DoorEvent>;
  const anyGrantEvent: fc.Arbitrary<DoorEvent> = fc.record({ type: fc.constant('grant'), at, grant: anyGrant });

  function run(sequence: readonly DoorEvent[]): { state: DoorState; effects: DoorEffect[][] } {
    let state = lockedDoor('this-run');
    const effects = sequence.map((event) => {
      const step = stepDoor(state, event, policy);
      state = step.state;
      return [...step.effects];
    });
    return { state, effects };
  }

  it('never energises without a grant, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyOther, { maxLength: 60 }), (sequence) => {
        const { state, effects } = run(sequence);
        expect(effects.flat().filter(({ type }) => type === 'energise')).toEqual([]);
        expect(state.phase).toBe('locked');
      }),
    );
  });

  it('energises only in answer to a fresh grant of this run, and at most once for each', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyOther, anyGrantEvent), { maxLength: 60 }), (sequence) => {
        for (const [i, effects] of run(sequence).effects.entries()) {
          const energised = effects.filter(({ type }) => type === 'energise');
          const event = sequence[i];
          expect(energised.length).toBeLessThanOrEqual(1);
          if (energised.length === 1) {
            if (event?.type !== 'grant') throw new Error('energised without a grant');
            expect(event.grant.sessionId).toBe('this-run');
            expect(event.at - event.grant.decidedAt).toBeGreaterThanOrEqual(0);
            expect(event.at - event.grant.decidedAt).toBeLessThanOrEqual(policy.grantMaxAgeMs);
          }
        }
      }),
    );
  });

  it('never acts on a grant that was made before a restart', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyOther, anyGrantEvent), { maxLength: 60 }), (sequence) => {
        const loaded = sequence.map(
          (event): DoorEvent =>
            event.type === 'grant' ? { ...event, grant: { ...event.grant, sessionId: 'earlier-run' } } : event,
        );
        expect(
          run(loaded)
            .effects.flat()
            .some(({ type }) => type === 'energise'),
        ).toBe(false);
      }),
    );
  });

  it('locks again by time alone when the door is shut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyOther, anyGrantEvent), { maxLength: 60 }), (sequence) => {
        const { state } = run(sequence);
        const late = [1_000_000, 2_000_000, 3_000_000];
        const end = late.reduce<DoorState>((s, at) => stepDoor(s, { type: 'tick', at }, policy).state, {
          ...state,
          contact: 'closed',
        });
        expect(end.phase).toBe('locked');
      }),
    );
  });
});

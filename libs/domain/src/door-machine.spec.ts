import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorPolicy,
  type DoorState,
  doorOrigins,
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
const unlocking: DoorState = {
  phase: 'unlocking',
  sessionId: 'this-run',
  contact: 'closed',
  since: 10_000,
  forMs: 3000,
  releasedUntil: 10_000,
  grant,
};
const open: DoorState = {
  phase: 'open',
  sessionId: 'this-run',
  contact: 'closed',
  until: 13_000,
  grant,
  silent: false,
};
const relocking: DoorState = {
  phase: 'relocking',
  sessionId: 'this-run',
  contact: 'closed',
  since: 13_000,
  grant,
  raised: false,
  silent: false,
};
const ajar: DoorState = { ...relocking, contact: 'open' };

const newGrant = aGrant({ decidedAt: 13_100, trackId: 'next', personId: 'grace' });
const button = aGrant({ decidedAt: 13_100, origin: 'request-to-exit', trackId: null, personId: null });
const events = {
  grant: { type: 'grant', at: 13_150, grant: newGrant },
  'stale grant': { type: 'grant', at: 14_101, grant: newGrant },
  'grant of another run': { type: 'grant', at: 13_150, grant: { ...newGrant, sessionId: 'earlier-run' } },
  'grant from the future': { type: 'grant', at: 13_099, grant: newGrant },
  'grant by the button inside': { type: 'grant', at: 13_150, grant: button },
  'old grant by the button inside': { type: 'grant', at: 14_101, grant: button },
  exit: { type: 'exit', at: 13_150, grant: button },
  'stale exit': { type: 'exit', at: 14_101, grant: button },
  'exit of another run': { type: 'exit', at: 13_150, grant: { ...button, sessionId: 'earlier-run' } },
  'exit from the future': { type: 'exit', at: 13_099, grant: button },
  actuated: { type: 'actuated', at: 10_040 },
  'actuator-failed': { type: 'actuator-failed', at: 10_040 },
  'contact-opened': { type: 'contact-opened', at: 12_000 },
  'contact-closed': { type: 'contact-closed', at: 12_000 },
  'contact-lost': { type: 'contact-lost', at: 12_000 },
  'tick soon': { type: 'tick', at: 10_100 },
  'tick late': { type: 'tick', at: 13_600 },
  'tick much later': { type: 'tick', at: 30_000 },
} as const satisfies Record<string, DoorEvent>;

type EventName = keyof typeof events;
const energise: DoorEffect = { type: 'energise', forMs: 3000, grant: newGrant };
const report = (action: 'opened' | 'relocked' | 'failed'): DoorEffect => ({ type: 'report', action, grant });
const raise = (alarm: 'held-open' | 'forced'): DoorEffect => ({ type: 'raise', alarm });
/** An order for three seconds; the one before it kept the lock released until 13,000, or there was none. */
const granted = (contact: 'closed' | 'open', releasedUntil = 13_000): DoorState => ({
  phase: 'unlocking',
  sessionId: 'this-run',
  contact,
  since: 13_150,
  forMs: 3000,
  releasedUntil,
  grant: newGrant,
});
const failedAt = (since: number): DoorState => ({ ...relocking, since, silent: true });
/** Both ways in which a grant of the button acts: as any other's. */
const byButton = (contact: 'closed' | 'open', releasedUntil?: number): [DoorState, DoorEffect[]] => [
  { ...granted(contact, releasedUntil), grant: button } as DoorState,
  [{ ...energise, grant: button }],
];
/** The door counts as open for somebody who goes out, and nothing is energised. */
const exiting = (contact: 'closed' | 'open', who = button, silent = true): DoorState => ({
  ...open,
  contact,
  until: 16_150,
  grant: who,
  silent,
});
const openAjar: DoorState = { ...open, contact: 'open' };
const exitOver: DoorState = { ...exiting('closed'), until: 13_000 } as DoorState;

/** Every cell that changes something; all others must leave state and world alone. */
const table: { name: string; state: DoorState; cells: Partial<Record<EventName, [DoorState, DoorEffect[]]>> }[] = [
  {
    name: 'locked',
    state: locked,
    cells: {
      grant: [granted('closed', 13_150), [energise]],
      'grant by the button inside': byButton('closed', 13_150),
      exit: [exiting('closed'), []],
      'contact-opened': [lockedAjar, [raise('forced')]],
    },
  },
  {
    name: 'locked, forced open',
    state: lockedAjar,
    cells: {
      grant: [granted('open', 13_150), [energise]],
      'grant by the button inside': byButton('open', 13_150),
      exit: [exiting('open'), []],
      'contact-closed': [locked, []],
      'contact-lost': [locked, []],
    },
  },
  {
    name: 'unlocking',
    state: unlocking,
    cells: {
      actuated: [{ ...open, until: 13_040 }, [report('opened')]],
      'actuator-failed': [failedAt(13_040), [report('failed')]],
      'contact-opened': [{ ...unlocking, contact: 'open' }, []],
      'tick late': [failedAt(16_600), [report('failed')]],
      'tick much later': [failedAt(33_000), [report('failed')]],
    },
  },
  {
    name: 'unlocking, standing open',
    state: { ...unlocking, contact: 'open' },
    cells: {
      actuated: [{ ...openAjar, until: 13_040 } as DoorState, [report('opened')]],
      'actuator-failed': [{ ...failedAt(13_040), contact: 'open' }, [report('failed')]],
      'contact-closed': [unlocking, []],
      'contact-lost': [unlocking, []],
      'tick late': [{ ...failedAt(16_600), contact: 'open' }, [report('failed')]],
      'tick much later': [{ ...failedAt(33_000), contact: 'open' }, [report('failed')]],
    },
  },
  {
    name: 'unlocking while the order before still holds',
    state: { ...unlocking, forMs: 1000, releasedUntil: 20_000 },
    cells: {
      actuated: [{ ...open, until: 20_000 }, [report('opened')]],
      'actuator-failed': [failedAt(20_000), [report('failed')]],
      'contact-opened': [{ ...unlocking, forMs: 1000, releasedUntil: 20_000, contact: 'open' }, []],
      'tick late': [failedAt(20_000), [report('failed')]],
      'tick much later': [failedAt(31_000), [report('failed')]],
    },
  },
  {
    name: 'open',
    state: open,
    cells: {
      grant: [granted('closed'), [energise]],
      'grant by the button inside': byButton('closed'),
      exit: [exiting('closed', grant, false), []],
      'contact-opened': [openAjar, []],
      'tick late': [relocking, []],
      'tick much later': [relocking, []],
    },
  },
  {
    name: 'open, standing open',
    state: openAjar,
    cells: {
      grant: [granted('open'), [energise]],
      'grant by the button inside': byButton('open'),
      exit: [exiting('open', grant, false), []],
      'contact-closed': [open, []],
      'contact-lost': [open, []],
      'tick late': [ajar, []],
      'tick much later': [ajar, []],
    },
  },
  {
    name: 'open for one who goes out',
    state: exitOver,
    cells: {
      grant: [granted('closed'), [energise]],
      'grant by the button inside': byButton('closed'),
      exit: [exiting('closed'), []],
      'contact-opened': [{ ...exitOver, contact: 'open' }, []],
      'tick late': [{ ...relocking, grant: button, silent: true }, []],
      'tick much later': [{ ...relocking, grant: button, silent: true }, []],
    },
  },
  {
    name: 'relocking',
    state: relocking,
    cells: {
      grant: [granted('closed'), [energise]],
      'grant by the button inside': byButton('closed'),
      exit: [exiting('closed', grant, false), []],
      'contact-opened': [ajar, []],
      'tick late': [locked, [report('relocked')]],
      'tick much later': [locked, [report('relocked')]],
    },
  },
  {
    name: 'relocking after a failure, or after one who went out',
    state: failedAt(13_000),
    cells: {
      grant: [granted('closed'), [energise]],
      'grant by the button inside': byButton('closed'),
      exit: [exiting('closed', grant), []],
      'contact-opened': [{ ...failedAt(13_000), contact: 'open' }, []],
      'tick late': [locked, []],
      'tick much later': [locked, []],
    },
  },
  {
    name: 'relocking after a failure whose order may still hold',
    state: failedAt(20_000),
    cells: {
      grant: [granted('closed', 20_000), [energise]],
      'grant by the button inside': byButton('closed', 20_000),
      exit: [{ ...exiting('closed', grant), until: 20_000 } as DoorState, []],
      'contact-opened': [{ ...failedAt(20_000), contact: 'open' }, []],
      'tick much later': [locked, []],
    },
  },
  {
    name: 'relocking, standing open',
    state: ajar,
    cells: {
      grant: [granted('open'), [energise]],
      'grant by the button inside': byButton('open'),
      exit: [exiting('open', grant, false), []],
      'contact-closed': [relocking, []],
      'contact-lost': [relocking, []],
      'tick much later': [{ ...ajar, raised: true }, [raise('held-open')]],
    },
  },
  {
    name: 'relocking, standing open, alarm raised',
    state: { ...ajar, raised: true },
    cells: {
      grant: [granted('open'), [energise]],
      'grant by the button inside': byButton('open'),
      exit: [exiting('open', grant, false), []],
      'contact-closed': [{ ...relocking, raised: true }, []],
      'contact-lost': [{ ...relocking, raised: true }, []],
    },
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
    origin: fc.constantFrom(...doorOrigins),
    trackId: fc.constantFrom('a', 'b'),
    personId: fc.constantFrom('ada', 'grace'),
  });
  const at = fc.nat(60_000);
  const anyOther = fc.record({
    type: fc.constantFrom('actuated', 'actuator-failed', 'contact-opened', 'contact-closed', 'contact-lost', 'tick'),
    at,
  }) as fc.Arbitrary<DoorEvent>;
  const anyExit: fc.Arbitrary<DoorEvent> = fc.record({ type: fc.constant('exit'), at, grant: anyGrant });
  const anyUngranted = fc.oneof({ weight: 3, arbitrary: anyOther }, anyExit);
  const anyGrantEvent: fc.Arbitrary<DoorEvent> = fc.record({ type: fc.constant('grant'), at, grant: anyGrant });
  const anyEvent = fc.oneof(anyUngranted, anyGrantEvent);

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
      fc.property(fc.array(anyUngranted, { maxLength: 60 }), (sequence) => {
        const { state, effects } = run(sequence);
        expect(effects.flat().filter(({ type }) => type !== 'raise')).toEqual([]);
        expect(state.phase).not.toBe('unlocking');
      }),
    );
  });

  it('energises only in answer to a fresh grant of this run, and once at most', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (sequence) => {
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
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (sequence) => {
        const loaded = sequence.map(
          (event): DoorEvent =>
            event.type === 'grant' || event.type === 'exit'
              ? { ...event, grant: { ...event.grant, sessionId: 'earlier-run' } }
              : event,
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
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (sequence) => {
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

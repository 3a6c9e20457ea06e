/** Milliseconds on a clock that never jumps and starts anew with the process or the machine. */
export type MonotonicMs = number;

/** Times of one door. */
export interface DoorPolicy {
  /** How long the lock stays energised after a grant. */
  readonly holdOpenMs: number;
  /** How long after that an opening door still belongs to the grant. */
  readonly relockMs: number;
  /** How long the door may stand open after the hold time before `held-open` is raised. */
  readonly heldOpenAfterMs: number;
  /** How long the actuator may take to answer. */
  readonly actuatorTimeoutMs: number;
  /** How old a decision may be when it reaches the door; an older one is not acted on. */
  readonly grantMaxAgeMs: number;
}

/**
 * What a door opens for: a face that was recognised here, a signed answer to a fresh challenge (PROTOCOL.md §4), or the button
 * on the inside.
 */
export const doorOrigins = ['recognition', 'command', 'request-to-exit'] as const;
export type DoorOrigin = (typeof doorOrigins)[number];

/** A live decision that somebody may pass. */
export interface DoorGrant {
  /** Process that decided. Only its own door acts on it, so one that was stored and loaded after a restart never does. */
  readonly sessionId: string;
  /** When the decision was made. */
  readonly decidedAt: MonotonicMs;
  readonly origin: DoorOrigin;
  /** Null where no face was before a camera. */
  readonly trackId: string | null;
  /** Null where nobody was recognised. */
  readonly personId: string | null;
}

/** What stands open without or beyond a grant. */
export type DoorAlarm = 'held-open' | 'forced';

/**
 * What happened. `exit`: somebody goes out through a door whose handle opens it from the inside; nothing is energised for that.
 * `tick`: time passed. Contact events come only from doors that have a contact; `contact-lost`: it no longer tells.
 */
export type DoorEvent =
  | { readonly type: 'grant'; readonly at: MonotonicMs; readonly grant: DoorGrant }
  | { readonly type: 'exit'; readonly at: MonotonicMs; readonly grant: DoorGrant }
  | { readonly type: 'actuated'; readonly at: MonotonicMs }
  | { readonly type: 'actuator-failed'; readonly at: MonotonicMs }
  | { readonly type: 'contact-opened'; readonly at: MonotonicMs }
  | { readonly type: 'contact-closed'; readonly at: MonotonicMs }
  | { readonly type: 'contact-lost'; readonly at: MonotonicMs }
  | { readonly type: 'tick'; readonly at: MonotonicMs };

/** What the caller must do, in this order. */
export type DoorEffect =
  | { readonly type: 'energise'; readonly forMs: number; readonly grant: DoorGrant }
  | { readonly type: 'report'; readonly action: 'opened' | 'relocked' | 'failed'; readonly grant: DoorGrant }
  | { readonly type: 'raise'; readonly alarm: DoorAlarm };

/** Whether the door leaf stands open; `closed` also where no contact tells. */
export type DoorContact = 'closed' | 'open';

interface Common {
  /** The only process whose grants this door acts on. */
  readonly sessionId: string;
  readonly contact: DoorContact;
}

/** Where a door is. */
export type DoorState =
  | (Common & { readonly phase: 'locked' })
  | (Common & {
      readonly phase: 'unlocking';
      /** When the order was given. */
      readonly since: MonotonicMs;
      /** For how long. */
      readonly forMs: number;
      /** Until when what was before may keep the lock released, whatever becomes of this order. */
      readonly releasedUntil: MonotonicMs;
      readonly grant: DoorGrant;
    })
  | (Common & {
      readonly phase: 'open';
      readonly until: MonotonicMs;
      readonly grant: DoorGrant;
      /** Nothing was energised, so no `relocked` follows. */
      readonly silent: boolean;
    })
  | (Common & {
      readonly phase: 'relocking';
      /** When the lock falls, at the latest: to come, where an order failed that may have been carried out all the same. */
      readonly since: MonotonicMs;
      readonly grant: DoorGrant;
      /** `held-open` was raised. */
      readonly raised: boolean;
      /** Nothing was energised, or the actuator failed, which was reported; no `relocked` follows. */
      readonly silent: boolean;
    });

/** Next state and what the caller must do. */
export interface DoorStep {
  readonly state: DoorState;
  readonly effects: readonly DoorEffect[];
}

/** A door as every process begins with it: locked, whatever was before. */
export function lockedDoor(sessionId: string): DoorState {
  return { phase: 'locked', sessionId, contact: 'closed' };
}

/**
 * Next state and what the caller must do. Total: an event that does not fit the state changes nothing and has no effect.
 * `energise` only ever answers a `grant` of this session that is not older than the policy allows.
 */
export function stepDoor(state: DoorState, event: DoorEvent, policy: DoorPolicy): DoorStep {
  switch (event.type) {
    case 'grant':
      return onGrant(state, event.grant, event.at, policy);
    case 'exit':
      return onExit(state, event.grant, event.at, policy);
    case 'actuated':
      if (state.phase !== 'unlocking') return unchanged(state);
      return {
        state: {
          ...common(state),
          phase: 'open',
          until: Math.max(event.at + state.forMs, state.releasedUntil),
          grant: state.grant,
          silent: false,
        },
        effects: [{ type: 'report', action: 'opened', grant: state.grant }],
      };
    case 'actuator-failed':
      return state.phase === 'unlocking' ? failed(state, event.at) : unchanged(state);
    case 'contact-opened':
      return onContactOpened(state);
    case 'contact-closed':
    // Without a contact the door counts as shut, as one that never had one: it must lock again by time alone.
    case 'contact-lost':
      return onContactClosed(state);
    case 'tick':
      return onTick(state, event.at, policy);
  }
}

/** Whether a door acts on a grant: it is of the door's own session, not older than the policy allows, and not of the future. */
export function isLiveGrant(
  { sessionId }: Pick<DoorState, 'sessionId'>,
  grant: DoorGrant,
  at: MonotonicMs,
  { grantMaxAgeMs }: Pick<DoorPolicy, 'grantMaxAgeMs'>,
): boolean {
  const age = at - grant.decidedAt;
  return grant.sessionId === sessionId && age >= 0 && age <= grantMaxAgeMs;
}

function unchanged(state: DoorState): DoorStep {
  return { state, effects: [] };
}

function common({ sessionId, contact }: DoorState): Common {
  return { sessionId, contact };
}

function onGrant(state: DoorState, grant: DoorGrant, at: MonotonicMs, policy: DoorPolicy): DoorStep {
  if (!isLiveGrant(state, grant, at, policy)) return unchanged(state);
  // While the actuator has not answered, a second order could only confuse it: that door is opening anyway.
  if (state.phase === 'unlocking') return unchanged(state);
  const forMs = policy.holdOpenMs;
  return {
    state: { ...common(state), phase: 'unlocking', since: at, forMs, releasedUntil: releasedUntil(state, at), grant },
    effects: [{ type: 'energise', forMs, grant }],
  };
}

function releasedUntil(state: Exclude<DoorState, { phase: 'unlocking' }>, at: MonotonicMs): MonotonicMs {
  if (state.phase === 'open') return state.until;
  return state.phase === 'relocking' ? state.since : at;
}

function onExit(state: DoorState, grant: DoorGrant, at: MonotonicMs, policy: DoorPolicy): DoorStep {
  if (!isLiveGrant(state, grant, at, policy)) return unchanged(state);
  const until = at + policy.holdOpenMs;
  switch (state.phase) {
    case 'unlocking':
      return unchanged(state);
    case 'open':
      // The lock falls when it was told to; only the time in which nobody is surprised grows.
      return { state: { ...state, until: Math.max(state.until, until) }, effects: [] };
    case 'locked':
      return { state: { ...common(state), phase: 'open', until, grant, silent: true }, effects: [] };
    case 'relocking':
      return {
        state: {
          ...common(state),
          phase: 'open',
          until: Math.max(state.since, until),
          grant: state.grant,
          silent: state.silent,
        },
        effects: [],
      };
  }
}

function failed(state: DoorState & { phase: 'unlocking' }, at: MonotonicMs): DoorStep {
  // Not `locked` before its time is over: the lock may have been energised although no answer came.
  const since = Math.max(at + state.forMs, state.releasedUntil);
  return {
    state: { ...common(state), phase: 'relocking', since, grant: state.grant, raised: false, silent: true },
    effects: [{ type: 'report', action: 'failed', grant: state.grant }],
  };
}

function onContactOpened(state: DoorState): DoorStep {
  if (state.contact === 'open') return unchanged(state);
  return {
    state: { ...state, contact: 'open' },
    effects: state.phase === 'locked' ? [{ type: 'raise', alarm: 'forced' }] : [],
  };
}

function onContactClosed(state: DoorState): DoorStep {
  return state.contact === 'closed' ? unchanged(state) : { state: { ...state, contact: 'closed' }, effects: [] };
}

function onTick(state: DoorState, at: MonotonicMs, policy: DoorPolicy): DoorStep {
  switch (state.phase) {
    case 'locked':
      return unchanged(state);
    case 'unlocking':
      return at - state.since >= policy.actuatorTimeoutMs ? failed(state, at) : unchanged(state);
    case 'open':
      if (at < state.until) return unchanged(state);
      return {
        state: {
          ...common(state),
          phase: 'relocking',
          since: state.until,
          grant: state.grant,
          raised: false,
          silent: state.silent,
        },
        effects: [],
      };
    case 'relocking':
      return onRelockingTick(state, at, policy);
  }
}

function onRelockingTick(state: DoorState & { phase: 'relocking' }, at: MonotonicMs, policy: DoorPolicy): DoorStep {
  const elapsed = at - state.since;
  if (state.contact === 'open') {
    if (state.raised || elapsed < policy.heldOpenAfterMs) return unchanged(state);
    return { state: { ...state, raised: true }, effects: [{ type: 'raise', alarm: 'held-open' }] };
  }
  if (elapsed < policy.relockMs) return unchanged(state);
  return {
    state: { ...common(state), phase: 'locked' },
    effects: state.silent ? [] : [{ type: 'report', action: 'relocked', grant: state.grant }],
  };
}

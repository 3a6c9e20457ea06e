import type { PersonView, UpdatePersonRequest } from '@latchkey/contracts';
import { fromLocalInput, toLocalInput } from '../shell/local-time.ts';

/** What binds a person while it is typed. Times are local, as `datetime-local` has them; empty for none. */
export interface AccessDraft {
  readonly validFrom: string;
  readonly validUntil: string;
  readonly scheduleId: string | null;
  readonly escorted: boolean;
  readonly duress: boolean;
  /** Admitted also while a device's clock is not trusted. */
  readonly always: boolean;
}

/** The draft that a person's access starts as. */
export function draftOf({ access, always }: Pick<PersonView, 'access' | 'always'>): AccessDraft {
  const { validFrom, validUntil, scheduleId, escorted, duress } = access;
  return {
    validFrom: toLocalInput(validFrom),
    validUntil: toLocalInput(validUntil),
    scheduleId,
    escorted,
    duress,
    always,
  };
}

/** Why the dates of a draft cannot be saved, null when they can. */
export function datesProblem({ validFrom, validUntil }: AccessDraft): string | null {
  const [from, until] = [fromLocalInput(validFrom), fromLocalInput(validUntil)];
  return from !== undefined && until !== undefined && until <= from ? 'It has to be after the beginning.' : null;
}

/** The request that makes `before` into `after`: only what differs, so that what somebody else changes meanwhile stays. */
export function changeOf(before: AccessDraft, after: AccessDraft): UpdatePersonRequest {
  const { always, ...bound } = after;
  const changed = (key: keyof AccessDraft) => after[key] !== before[key];
  const access = {
    ...bound,
    validFrom: fromLocalInput(after.validFrom) ?? null,
    validUntil: fromLocalInput(after.validUntil) ?? null,
  };
  const changes = Object.entries(access).filter(([key]) => changed(key as keyof AccessDraft));
  return {
    ...(changes.length > 0 && { access: Object.fromEntries(changes) }),
    ...(changed('always') && { always }),
  };
}

/** Whether a person's dates let them in at a moment. */
export function validityAt(
  { validFrom, validUntil }: PersonView['access'],
  nowMs: number,
): 'current' | 'early' | 'over' {
  if (validUntil !== null && Date.parse(validUntil) <= nowMs) return 'over';
  return validFrom !== null && Date.parse(validFrom) > nowMs ? 'early' : 'current';
}

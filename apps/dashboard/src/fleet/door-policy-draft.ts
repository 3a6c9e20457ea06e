import { type DoorPolicyConfig, doorPolicy } from '@latchkey/contracts';

/** The fields of a policy that are numbers. */
export type PolicyNumber = Exclude<keyof DoorPolicyConfig, 'policy' | 'rules'>;

/** A policy while it is typed: any number may be missing. */
export type DoorPolicyDraft = Pick<DoorPolicyConfig, 'policy' | 'rules'> & {
  readonly [K in PolicyNumber]: number | null;
};

/** The policy of a draft, or a sentence per field that stands in its way. */
export interface CheckedDraft {
  readonly policy: DoorPolicyConfig | null;
  readonly problems: Readonly<Partial<Record<keyof DoorPolicyConfig, string>>>;
}

/** The draft that a policy starts as. */
export function draftOf(policy: DoorPolicyConfig): DoorPolicyDraft {
  return { ...policy };
}

const ranges: Readonly<Record<PolicyNumber, string>> = {
  maxDistance: 'A number above 0, or empty.',
  minMargin: 'A number from 0 on, or empty.',
  votesNeeded: 'A whole number from 1 to 20.',
  votesWindow: 'A whole number from 1 to 20.',
  minQuality: 'A number from 0 to 100.',
  holdOpenMs: 'A whole number from 100 to 60000.',
};

/** Checks a draft by the contract's rules, and that no more frames must agree than are looked at. */
export function policyOf(draft: DoorPolicyDraft): CheckedDraft {
  const parsed = doorPolicy.safeParse(draft);
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map(({ path }) => path[0]));
    return {
      policy: null,
      problems: Object.fromEntries(Object.entries(ranges).filter(([field]) => fields.has(field))),
    };
  }
  if (parsed.data.votesNeeded > parsed.data.votesWindow) {
    return { policy: null, problems: { votesNeeded: 'Not more than the frames looked at.' } };
  }
  return { policy: parsed.data, problems: {} };
}

import { type DoorPolicyConfig, doorPolicy, type UpdateDeviceRequest } from '@latchkey/contracts';

/** The fields of a policy that are numbers. */
export type PolicyNumber = Exclude<keyof DoorPolicyConfig, 'policy' | 'rules'>;

type Rules = DoorPolicyConfig['rules'];
/** `T` while it is typed: any number may be missing. */
type Typed<T> = { readonly [K in keyof T]: T[K] extends number ? number | null : T[K] };

/** Rules of a door while they are typed. */
export type DoorRulesDraft = { readonly [K in keyof Rules]: Typed<Rules[K]> };

/** A policy while it is typed. */
export type DoorPolicyDraft = Typed<Omit<DoorPolicyConfig, 'rules' | 'maxDistance' | 'minMargin'>> &
  Pick<DoorPolicyConfig, 'maxDistance' | 'minMargin'> & { readonly rules: DoorRulesDraft };

/** The policy of a draft, or a sentence per field that stands in its way, by its path such as `rules.lockOut.forS`. */
export interface CheckedDraft {
  readonly policy: DoorPolicyConfig | null;
  readonly problems: ReadonlyMap<string, string>;
}

/** The draft that a policy starts as. */
export function draftOf(policy: DoorPolicyConfig): DoorPolicyDraft {
  return { ...policy };
}

const ranges: Readonly<Record<string, string>> = {
  maxDistance: 'A number above 0, or empty.',
  minMargin: 'A number from 0 on, or empty.',
  votesNeeded: 'A whole number from 1 to 20.',
  votesWindow: 'A whole number from 1 to 20.',
  minQuality: 'A number from 0 to 100.',
  holdOpenMs: 'A whole number from 100 to 60000.',
  'rules.timeZone': 'A time zone such as Europe/Berlin.',
  'rules.liveness.minimum': 'A number from 0 to 1.',
  'rules.antiPassback.windowS': 'Whole seconds, from 1 to 86400 (a day).',
  'rules.lockOut.failures': 'A whole number from 1 to 100.',
  'rules.lockOut.windowS': 'Whole seconds, from 1 to 86400 (a day).',
  'rules.lockOut.forS': 'Whole seconds, from 1 to 3600 (an hour).',
  'rules.offlineGrace.hours': 'Whole hours, from 1 to 8760 (a year).',
  'rules.twoPerson.withinS': 'Whole seconds, from 1 to 300.',
};

/** Checks a draft by the contract's rules, and that no more frames must agree than are looked at. */
export function policyOf(draft: DoorPolicyDraft): CheckedDraft {
  const parsed = doorPolicy.safeParse(draft);
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path }) => path.join('.'));
    return { policy: null, problems: new Map(paths.map((path) => [path, ranges[path] ?? 'Not a right value.'])) };
  }
  if (parsed.data.votesNeeded > parsed.data.votesWindow) {
    return { policy: null, problems: new Map([['votesNeeded', 'Not more than the frames looked at.']]) };
  }
  return { policy: parsed.data, problems: new Map() };
}

/** The change of a device from one policy to another: of the rules only those that differ. */
export function doorChange(before: DoorPolicyConfig, after: DoorPolicyConfig): UpdateDeviceRequest['door'] {
  const differs = (key: keyof Rules) => JSON.stringify(before.rules[key]) !== JSON.stringify(after.rules[key]);
  return {
    ...after,
    rules: Object.fromEntries(Object.entries(after.rules).filter(([key]) => differs(key as keyof Rules))),
  };
}

/** What is allowed and yet unwise, a sentence each. */
export function cautionsOf({ policy, votesNeeded, holdOpenMs, rules }: DoorPolicyConfig): readonly string[] {
  const { liveness, lockOut, twoPerson } = rules;
  const found: readonly [boolean, string][] = [
    [
      policy === 'door' && votesNeeded === 1,
      'One frame opens the door: a single mistake is enough. Two or more are safer.',
    ],
    [holdOpenMs > 30_000, 'The lock is released for more than half a minute: others can walk in behind.'],
    [
      liveness.mode === 'require' && liveness.minimum < 0.5,
      'With a minimum below 0.5 more pictures of a face pass as live.',
    ],
    [
      liveness.mode === 'require' && liveness.minimum > 0.9,
      'With a minimum above 0.9 many live people are refused. Use "report" for a week first and look at the scores.',
    ],
    [lockOut.enabled && lockOut.failures < 3, 'Fewer than 3 failures lock people out who only looked away.'],
    [twoPerson.required && twoPerson.withinS < 5, 'Under 5 seconds two people hardly manage to be recognised.'],
  ];
  return found.filter(([applies]) => applies).map(([, sentence]) => sentence);
}

import { type DoorPolicyConfig, doorPolicy, doorRulesChange, firstDoorPolicy } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';

const localPolicy = doorPolicy.omit({ rules: true }).partial().extend({ rules: doorRulesChange.optional() });

/**
 * How the door behaves until central says otherwise: the first policy of every door, with what file or environment say.
 * @param wishes parts of a door policy, null: none.
 * @throws LatchkeyError `config-invalid`.
 */
export function localDoorPolicy(wishes: unknown): DoorPolicyConfig {
  const parsed = localPolicy.safeParse(wishes ?? {});
  if (parsed.success) {
    return { ...firstDoorPolicy, ...parsed.data, rules: { ...firstDoorPolicy.rules, ...parsed.data.rules } };
  }
  const problems = parsed.error.issues.map(({ path, message }) => `${['door', ...path].join('.')}: ${message}`);
  throw new LatchkeyError('config-invalid', `The door policy (LATCHKEY_DOOR) is not valid. ${problems.join('; ')}.`, {
    details: { problems },
  });
}

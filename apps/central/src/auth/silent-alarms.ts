import type { Role } from '@latchkey/contracts';

/**
 * Who may know of silent alarms, and of the people who raise one: an operator answers them, an enroller says who raises them.
 * Whoever threatens may read over a viewer's shoulder, or be one.
 */
const trusted: readonly Role[] = ['admin', 'enroller', 'operator'];

/** Whether accounts of a role may know of silent alarms. */
export function mayKnowOfDuress(role: Role): boolean {
  return trusted.includes(role);
}

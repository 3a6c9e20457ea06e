import type { Role } from '@latchkey/contracts';
import { useAccount } from './session-state.ts';

/** What a page may offer. Central decides in the end; this only spares people buttons that would be refused. */
export type Action =
  | 'change-people'
  | 'change-devices'
  | 'command-devices'
  | 'wipe-devices'
  | 'change-groups'
  | 'change-schedules'
  | 'change-accounts';

const allowed: Readonly<Record<Role, readonly Action[]>> = {
  admin: [
    'change-people',
    'change-devices',
    'command-devices',
    'wipe-devices',
    'change-groups',
    'change-schedules',
    'change-accounts',
  ],
  enroller: ['change-people'],
  operator: ['command-devices'],
  viewer: [],
};

/** Whether accounts of this role are offered an action. */
export function roleMay(role: Role, action: Action): boolean {
  return allowed[role].includes(action);
}

/** Whether whoever is signed in is offered an action. */
export function useMay(action: Action): boolean {
  const { data } = useAccount();
  return data ? roleMay(data.role, action) : false;
}

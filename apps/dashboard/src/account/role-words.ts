import { type Role, role } from '@latchkey/contracts';

/** What each role is called and may do. */
export const roleWords: Readonly<Record<Role, { readonly label: string; readonly may: string }>> = {
  admin: { label: 'Admin', may: 'Everything, also accounts, devices, groups and schedules.' },
  enroller: { label: 'Enroller', may: 'Enrols, changes and deletes people; sees everything.' },
  operator: { label: 'Operator', may: 'Sees everything and may try recognition on a photo; changes nothing.' },
  viewer: { label: 'Viewer', may: 'Sees everything; changes nothing.' },
};

/** The roles as options of a field, from most to least. */
export const roleOptions = role.options.map((value) => ({ value, label: roleWords[value].label }));

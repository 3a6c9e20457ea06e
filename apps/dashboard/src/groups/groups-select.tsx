import { Button, Group, MultiSelect } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { describeError } from '../api-error.ts';
import { useMay } from '../session/permissions.ts';
import { CreateGroupDialog } from './create-group-dialog.tsx';
import { useGroups } from './group-queries.ts';

interface GroupsSelectProps {
  readonly description: string;
  readonly value: readonly string[];
  readonly onChange: (groupIds: string[]) => void;
  readonly disabled?: boolean;
}

/** Chooses groups by name; whoever may can make a new one on the way. */
export function GroupsSelect({ description, value, onChange, disabled }: GroupsSelectProps) {
  const { data: groups = [], error } = useGroups();
  const mayCreate = useMay('change-groups') && !disabled;
  const [opened, dialog] = useDisclosure(false);
  const known = new Set(groups.map(({ id }) => id));
  const options = [
    ...groups.map(({ id, name }) => ({ value: id, label: name })),
    ...value.filter((id) => !known.has(id)).map((id) => ({ value: id, label: id })),
  ];
  return (
    <>
      <MultiSelect
        label="Groups"
        description={description}
        data={options}
        value={[...value]}
        onChange={onChange}
        disabled={disabled}
        searchable
        hidePickedOptions
        placeholder={value.length === 0 ? 'Choose groups' : undefined}
        nothingFoundMessage="No such group"
        error={error && describeError(error).detail}
      />
      {mayCreate && (
        <Group mt={6}>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={dialog.open}
          >
            New group
          </Button>
        </Group>
      )}
      <CreateGroupDialog
        opened={opened}
        onClose={dialog.close}
        onCreated={({ id }) => {
          onChange([...value, id]);
          dialog.close();
        }}
      />
    </>
  );
}

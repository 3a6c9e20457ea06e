import { Badge, Group } from '@mantine/core';
import { useGroups } from './group-queries.ts';

/** Names of groups as small labels; a group that is not known here by its id. */
export function GroupNames({ groupIds }: { groupIds: readonly string[] }) {
  const { data: groups = [] } = useGroups();
  const names = new Map(groups.map(({ id, name }) => [id, name]));
  return (
    <Group gap={4}>
      {groupIds.map((id) => (
        <Badge key={id} variant="default" tt="none" fw={500} maw="100%">
          {names.get(id) ?? id}
        </Badge>
      ))}
      {groupIds.length === 0 && (
        <span className="lk-soft" style={{ fontSize: '0.8rem' }}>
          in no group
        </span>
      )}
    </Group>
  );
}

import { Anchor } from '@mantine/core';

/** Opens the page of the person whom a face is like beside this one: what stands here must not be lost. */
export function OtherPersonLink({ personId }: { personId: string | null }) {
  if (personId === null) return null;
  return (
    <Anchor size="sm" href={`/people/${personId}`} target="_blank" rel="noreferrer">
      See the other person
    </Anchor>
  );
}

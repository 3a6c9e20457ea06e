import { displayName, slug } from '@latchkey/contracts';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { slugOf } from '../slug.ts';

/** Name and id of something new, while they are typed. */
export interface NameAndId {
  readonly name: string;
  readonly id: string;
  /** What stands in the way of each; an empty field has no problem yet. */
  readonly problems: { readonly name?: string; readonly id?: string };
  /** Both are there and right. */
  readonly complete: boolean;
  setName(name: string): void;
  setId(id: string): void;
}

/** A name, and an id that follows it until somebody types another one. */
export function useNameAndId(): NameAndId {
  const [name, setName] = useState('');
  const [typedId, setId] = useState<string | null>(null);
  const id = typedId ?? slugOf(name);
  const problems = {
    ...(name.trim() !== '' && !displayName.safeParse(name).success && { name: 'Text of at most 200 characters.' }),
    ...(id !== '' && !slug.safeParse(id).success && { id: 'Only lower-case letters, digits and hyphens, at most 64.' }),
  };
  const complete = displayName.safeParse(name).success && slug.safeParse(id).success;
  return { name, id, problems, complete, setName, setId };
}

interface NameAndIdFieldsProps {
  readonly value: NameAndId;
  /** What a good name is. */
  readonly description?: string;
  /** Why central would not take this id. */
  readonly idProblem?: string;
}

/** The fields of {@link useNameAndId}. */
export function NameAndIdFields({ value, description, idProblem }: NameAndIdFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        description={description}
        required
        maxLength={200}
        autoComplete="off"
        data-autofocus
        value={value.name}
        onChange={(event) => value.setName(event.currentTarget.value)}
        error={value.problems.name}
      />
      <TextInput
        label="Id"
        description="Lower-case letters, digits and hyphens. It cannot be changed later."
        required
        autoComplete="off"
        value={value.id}
        onChange={(event) => value.setId(event.currentTarget.value)}
        error={value.problems.id ?? idProblem}
      />
    </>
  );
}

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { usePeopleSearch, usePerson } from './people-queries.ts';

interface PersonSelectProps {
  readonly label: string;
  readonly placeholder: string;
  /** Id of the chosen person. */
  readonly value: string | null;
  readonly onChange: (personId: string | null) => void;
}

/** Chooses one person by part of the name. */
export function PersonSelect({ label, placeholder, value, onChange }: PersonSelectProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 200);
  const { data: chosen, error } = usePerson(value ?? '');
  // While a person is chosen the field shows the name: that is no search.
  const { data: found = [] } = usePeopleSearch(search === chosen?.name ? '' : search);
  const options = found.map(({ id, name }) => ({ value: id, label: name }));
  if (value !== null && !options.some((option) => option.value === value)) {
    options.unshift({ value, label: chosen?.name ?? (error ? 'Removed person' : '…') });
  }
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={options}
      value={value}
      onChange={onChange}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options: all }) => all}
      clearable
      nothingFoundMessage="Nobody has such a name"
    />
  );
}

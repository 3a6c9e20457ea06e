import type { PersonView } from '@latchkey/contracts';
import { Combobox, Group, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../shell/formats.ts';
import { usePeopleSearch } from './people-queries.ts';
import { Portrait } from './portrait.tsx';

/** A person who is known, or the name of one who is new. */
export type ChosenPerson =
  | { readonly type: 'existing'; readonly person: PersonView }
  | { readonly type: 'new'; readonly name: string };

const newPerson = 'new';

interface PersonPickerProps {
  readonly label: string;
  readonly onChange: (chosen: ChosenPerson | null) => void;
}

/** One field for both: typing a name makes a new person, choosing from the list takes a known one. */
export function PersonPicker({ label, onChange }: PersonPickerProps) {
  const [text, setText] = useState('');
  const [existing, setExisting] = useState<PersonView | null>(null);
  const [search] = useDebouncedValue(text.trim(), 150);
  const { data: found = [] } = usePeopleSearch(search);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const name = text.trim();

  const type = (typed: string) => {
    setText(typed);
    setExisting(null);
    combobox.openDropdown();
    combobox.resetSelectedOption();
    onChange(typed.trim() === '' ? null : { type: 'new', name: typed.trim() });
  };
  const choose = (value: string) => {
    combobox.closeDropdown();
    const person = found.find(({ id }) => id === value);
    if (person) {
      setText(person.name);
      setExisting(person);
      onChange({ type: 'existing', person });
    }
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose}>
      <Combobox.Target>
        <TextInput
          label={label}
          description={
            existing
              ? `Known already, with ${counted(existing.photos, 'photo')}.`
              : 'Type a new name, or choose somebody who is known.'
          }
          required
          maxLength={200}
          autoComplete="off"
          data-autofocus
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={found.length === 0 && name === ''}>
        <Combobox.Options mah={240} style={{ overflowY: 'auto' }} aria-label="People">
          {name !== '' && existing === null && (
            <Combobox.Option value={newPerson}>
              <Group gap="sm" wrap="nowrap">
                <IconUserPlus size={20} aria-hidden />
                <Text size="sm" truncate>
                  New person “{name}”
                </Text>
              </Group>
            </Combobox.Option>
          )}
          {found.map((person) => (
            <Combobox.Option key={person.id} value={person.id}>
              <Group gap="sm" wrap="nowrap">
                <Portrait person={person} size={28} />
                <Text size="sm" truncate>
                  {person.name}
                </Text>
              </Group>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

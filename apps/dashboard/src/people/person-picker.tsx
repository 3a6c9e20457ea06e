import type { PersonView } from '@latchkey/contracts';
import { Combobox, Group, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { counted } from '../shell/formats.ts';
import classes from './people.module.css';
import { usePeopleSearch } from './people-queries.ts';
import { Portrait } from './portrait.tsx';

/** A person who is known, or the name of one who is new. */
export type ChosenPerson =
  | { readonly type: 'existing'; readonly person: PersonView }
  | { readonly type: 'new'; readonly name: string };

interface PersonPickerProps {
  readonly label: string;
  readonly onChange: (chosen: ChosenPerson | null) => void;
}

/**
 * One field for both: a name that is typed makes a new person, one chosen from the list below takes a known one. The list stands
 * in the dialog, not over it, so that it never hides the buttons.
 */
export function PersonPicker({ label, onChange }: PersonPickerProps) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<PersonView | null>(null);
  const [search] = useDebouncedValue(text.trim(), 150);
  const { data: found = [] } = usePeopleSearch(search);
  const combobox = useCombobox({ opened: true });

  const type = (typed: string) => {
    setText(typed);
    setChosen(null);
    combobox.resetSelectedOption();
    onChange(typed.trim() === '' ? null : { type: 'new', name: typed.trim() });
  };
  const choose = (id: string) => {
    const person = found.find((candidate) => candidate.id === id);
    if (!person) return;
    setText(person.name);
    setChosen(person);
    onChange({ type: 'existing', person });
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose}>
      <Combobox.EventsTarget>
        <TextInput
          label={label}
          description={
            chosen
              ? `Known already, with ${counted(chosen.photos, 'photo')}.`
              : 'Type a new name, or choose somebody who is known.'
          }
          required
          maxLength={200}
          autoComplete="off"
          data-autofocus
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
        />
      </Combobox.EventsTarget>
      {found.length > 0 && chosen === null && (
        <Combobox.Options className={classes.known} aria-label="Known people">
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
      )}
    </Combobox>
  );
}

import { TextInput } from '@mantine/core';
import { type KeyboardEvent, type Ref, useState } from 'react';
import { dayTimeOf } from './day-time.ts';
import classes from './schedules.module.css';

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (time: string) => void;
  /** Id of the text beside it that says what is wrong. */
  readonly problemId?: string;
  readonly disabled?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/**
 * A time of day by 24 hours, whatever the browser's language: `8` and `830` are enough. It counts when the field is left or
 * Enter is pressed, so that nothing is called wrong while it is typed.
 */
export function TimeField({ label, value, onChange, problemId, disabled, inputRef }: TimeFieldProps) {
  const [text, setText] = useState(value);
  const commit = () => {
    const time = dayTimeOf(text);
    setText(time);
    if (time !== value) onChange(time);
  };
  return (
    <TextInput
      ref={inputRef}
      aria-label={label}
      className={classes.time}
      placeholder="00:00"
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      disabled={disabled}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && commit()}
      error={problemId !== undefined}
      aria-describedby={problemId}
    />
  );
}

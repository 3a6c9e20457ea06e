import { NumberInput, type NumberInputProps } from '@mantine/core';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange'> {
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** A number, or null while there is none. */
export function NumberField({ value, onChange, ...rest }: NumberFieldProps) {
  return (
    <NumberInput {...rest} value={value ?? ''} onChange={(typed) => onChange(typed === '' ? null : Number(typed))} />
  );
}

import { decisions, eventKinds } from '@latchkey/contracts';
import { Button, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFilter, IconX } from '@tabler/icons-react';
import { useDeviceNames } from '../fleet/fleet-queries.ts';
import { PersonSelect } from '../people/person-select.tsx';
import { fromLocalInput, toLocalInput } from '../shell/local-time.ts';
import { type EventFilter, isEmptyFilter } from './event-filter.ts';
import { decisionWords, kindWords } from './event-text.ts';
import classes from './log.module.css';

interface LogFiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

const kindOptions = eventKinds.map((value) => ({ value, label: kindWords[value] }));
const decisionOptions = decisions.map((value) => ({ value, label: decisionWords[value] }));

/** What the log is narrowed to. Narrow screens show the fields on demand. */
export function LogFilters({ filter, onChange }: LogFiltersProps) {
  const [opened, fields] = useDisclosure(false);
  const active = Object.values(filter).filter((value) => value !== undefined).length;
  return (
    <search className={classes.filters} aria-label="Filters">
      <Button
        variant="default"
        className={classes.filterSwitch}
        leftSection={<IconFilter size={18} aria-hidden />}
        aria-expanded={opened}
        onClick={fields.toggle}
      >
        {active > 0 ? `Filters (${active})` : 'Filters'}
      </Button>
      <div className={classes.filterFields} data-opened={opened}>
        <Fields filter={filter} onChange={onChange} />
      </div>
      {!isEmptyFilter(filter) && (
        <Button variant="subtle" leftSection={<IconX size={16} aria-hidden />} onClick={() => onChange({})}>
          Clear filters
        </Button>
      )}
    </search>
  );
}

function Fields({ filter, onChange }: LogFiltersProps) {
  const deviceNames = useDeviceNames();
  const devices = [...deviceNames].map(([value, label]) => ({ value, label }));
  if (filter.deviceId !== undefined && !deviceNames.has(filter.deviceId)) {
    devices.push({ value: filter.deviceId, label: filter.deviceId });
  }
  return (
    <div className={classes.fields}>
      <Select
        label="Device"
        placeholder="All"
        data={devices}
        value={filter.deviceId ?? null}
        onChange={(value) => onChange({ ...filter, deviceId: value ?? undefined })}
        searchable
        clearable
      />
      <PersonSelect
        label="Person"
        placeholder="Anybody"
        value={filter.personId ?? null}
        onChange={(value) => onChange({ ...filter, personId: value ?? undefined })}
      />
      <Select
        label="Kind"
        placeholder="All"
        data={kindOptions}
        value={filter.kind ?? null}
        onChange={(value) => onChange({ ...filter, kind: value ?? undefined })}
        clearable
      />
      <Select
        label="Decision"
        placeholder="All"
        data={decisionOptions}
        value={filter.decision ?? null}
        onChange={(value) => onChange({ ...filter, decision: value ?? undefined })}
        clearable
      />
      <TextInput
        label="From"
        type="datetime-local"
        step={1}
        value={toLocalInput(filter.from)}
        onChange={(event) => onChange({ ...filter, from: fromLocalInput(event.currentTarget.value) })}
      />
      <TextInput
        label="Until"
        type="datetime-local"
        step={1}
        value={toLocalInput(filter.to)}
        onChange={(event) => onChange({ ...filter, to: fromLocalInput(event.currentTarget.value) })}
      />
    </div>
  );
}

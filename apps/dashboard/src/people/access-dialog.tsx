import type { PersonView } from '@latchkey/contracts';
import { Checkbox, Modal, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { describeError } from '../api-error.ts';
import { useSchedules } from '../schedules/schedule-queries.ts';
import { DialogForm } from '../shell/dialog-form.tsx';
import { type AccessDraft, changeOf, datesProblem, draftOf } from './access-draft.ts';
import { AlwaysSwitch } from './enrol-dialog.tsx';
import { useUpdatePerson } from './people-queries.ts';

interface AccessDialogProps {
  readonly person: PersonView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** When and how a person may enter. */
export function AccessDialog({ person, opened, onClose }: AccessDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Access of ${person.name}`} size="lg">
      <AccessForm person={person} onClose={onClose} />
    </Modal>
  );
}

function AccessForm({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const [before] = useState(() => draftOf(person));
  const [draft, setDraft] = useState<AccessDraft>(before);
  const { data: schedules = [], error } = useSchedules();
  const update = useUpdatePerson(person.id);
  const problem = datesProblem(draft);
  const set = (change: Partial<AccessDraft>) => setDraft({ ...draft, ...change });
  const options = schedules.map(({ id, name }) => ({ value: id, label: name }));
  const { scheduleId } = draft;
  if (scheduleId !== null && !schedules.some(({ id }) => id === scheduleId)) {
    options.push({ value: scheduleId, label: scheduleId });
  }
  return (
    <DialogForm
      submitLabel="Save"
      errorTitle="Not saved"
      error={update.error}
      pending={update.isPending}
      complete={problem === null}
      onSubmit={() => update.mutate(changeOf(before, draft), { onSuccess: onClose })}
      onClose={onClose}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        {/* Without a step, seconds that are saved would count as wrong. */}
        <TextInput
          label="May enter from"
          description="Your local time. Empty: since ever."
          type="datetime-local"
          step="any"
          value={draft.validFrom}
          onChange={(event) => set({ validFrom: event.currentTarget.value })}
        />
        <TextInput
          label="Until"
          description="Not at this moment any more. Empty: for ever."
          type="datetime-local"
          step="any"
          value={draft.validUntil}
          onChange={(event) => set({ validUntil: event.currentTarget.value })}
          error={problem}
        />
      </SimpleGrid>
      <Select
        label="Schedule"
        description="By the clock at each door. None: at any time."
        placeholder="At any time"
        data={options}
        value={scheduleId}
        onChange={(value) => set({ scheduleId: value })}
        nothingFoundMessage="There are no schedules yet"
        clearable
        error={error && describeError(error).detail}
      />
      <AlwaysSwitch checked={draft.always} onChange={(always) => set({ always })} />
      <Checkbox
        label="Enters only together with somebody"
        description="A second person, who may enter alone, has to be recognised shortly before or after."
        checked={draft.escorted}
        onChange={(event) => set({ escorted: event.currentTarget.checked })}
      />
      <Checkbox
        label="Silent alarm at every entry"
        description="For an entry under threat. The door opens as ever and nothing at the door tells of it; the log shows the alarm. Agree first on who acts on it, and how."
        checked={draft.duress}
        onChange={(event) => set({ duress: event.currentTarget.checked })}
      />
    </DialogForm>
  );
}

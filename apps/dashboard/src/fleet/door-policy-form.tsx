import { type DeviceView, doorPolicy } from '@latchkey/contracts';
import { Button, Group, NumberInput, Radio, SimpleGrid, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useMay } from '../session/permissions.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { type DoorPolicyDraft, draftOf, type PolicyNumber, policyOf } from './door-policy-draft.ts';
import { useUpdateDevice } from './fleet-queries.ts';

interface NumberField {
  readonly key: PolicyNumber;
  readonly label: string;
  readonly description: string;
  readonly step: number;
  readonly decimals: number;
  readonly suffix?: string;
}

const fields: readonly NumberField[] = [
  {
    key: 'maxDistance',
    label: 'Largest distance',
    description: "Empty: the model's own threshold.",
    step: 0.01,
    decimals: 3,
  },
  {
    key: 'minMargin',
    label: 'Smallest margin',
    description: "Empty: the model's own margin.",
    step: 0.01,
    decimals: 3,
  },
  {
    key: 'votesNeeded',
    label: 'Frames that agree',
    description: 'Of the frames looked at, 1 to 20.',
    step: 1,
    decimals: 0,
  },
  {
    key: 'votesWindow',
    label: 'Frames looked at',
    description: 'The newest of one face, 1 to 20.',
    step: 1,
    decimals: 0,
  },
  { key: 'minQuality', label: 'Smallest quality', description: 'Of a face, 0 to 100.', step: 5, decimals: 0 },
  {
    key: 'holdOpenMs',
    label: 'Open for',
    description: 'How long the lock is released.',
    step: 500,
    decimals: 0,
    suffix: ' ms',
  },
];

/** When the door of a device opens. */
export function DoorPolicyForm({ device }: { device: DeviceView }) {
  const may = useMay('change-devices');
  const [draft, setDraft] = useState<DoorPolicyDraft>(() => draftOf(device.door));
  const update = useUpdateDevice(device.id);
  const parsed = policyOf(draft);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!parsed.policy) return;
    update.mutate(
      { door: doorPolicy.parse(parsed.policy) },
      {
        onSuccess: () =>
          notifications.show({
            message: device.online
              ? 'The door policy is saved and on its way to the device.'
              : 'The door policy is saved. The device takes it over when it is back online.',
            color: 'green',
          }),
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Radio.Group
          label="Rule"
          value={draft.policy}
          onChange={(policy) => setDraft({ ...draft, policy: policy === 'seed' ? 'seed' : 'door' })}
        >
          <Stack gap="xs" mt={6}>
            <Radio
              value="door"
              disabled={!may}
              label="Door"
              description="Distance, margin to the next person and several frames that agree."
            />
            <Radio
              value="seed"
              disabled={!may}
              label="Nearest"
              description="The nearest person at a distance of at most 0.7, as the first project did. Less safe."
            />
          </Stack>
        </Radio.Group>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          {fields.map(({ key, label, description, step, decimals, suffix }) => (
            <NumberInput
              key={key}
              label={label}
              description={description}
              step={step}
              decimalScale={decimals}
              suffix={suffix}
              disabled={!may}
              value={draft[key] ?? ''}
              onChange={(value) => setDraft({ ...draft, [key]: value === '' ? null : Number(value) })}
              error={parsed.problems[key]}
            />
          ))}
        </SimpleGrid>
        {update.error && <ErrorNote title="Not saved" error={update.error} />}
        {may && (
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={update.isPending} disabled={!parsed.policy}>
              Save the door policy
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

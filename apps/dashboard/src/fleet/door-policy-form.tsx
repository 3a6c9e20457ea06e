import type { DeviceView } from '@latchkey/contracts';
import { Alert, Button, Group, List, Radio, SimpleGrid, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useMay } from '../session/permissions.ts';
import { ChangedElsewhere } from '../shell/changed-elsewhere.tsx';
import { ErrorNote } from '../shell/list-states.tsx';
import { ConfigOutcome } from './config-outcome.tsx';
import {
  cautionsOf,
  type DoorPolicyDraft,
  doorChange,
  draftOf,
  type PolicyNumber,
  policyOf,
} from './door-policy-draft.ts';
import { DoorRulesFields } from './door-rules-fields.tsx';
import { useUpdateDevice } from './fleet-queries.ts';
import { NumberField } from './number-field.tsx';

interface PolicyField {
  readonly key: PolicyNumber;
  readonly label: string;
  readonly description: string;
  readonly step: number;
  readonly decimals: number;
  readonly suffix?: string;
}

const fields: readonly PolicyField[] = [
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

/** When the door of a device opens, and what it made of the configuration that it got. */
export function DoorPolicyForm({ device }: { device: DeviceView }) {
  const may = useMay('change-devices');
  const [base, setBase] = useState(device.door);
  const [draft, setDraft] = useState<DoorPolicyDraft>(() => draftOf(device.door));
  const update = useUpdateDevice(device.id);
  const { policy, problems } = policyOf(draft);
  const cautions = policy ? cautionsOf(policy) : [];
  const start = (door: DeviceView['door']) => {
    setBase(door);
    setDraft(draftOf(door));
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!policy) return;
    update.mutate(
      { door: doorChange(base, policy) },
      {
        onSuccess: (saved) => {
          start(saved.door);
          notifications.show({
            message: saved.online
              ? 'The door policy is saved and on its way to the device.'
              : 'The door policy is saved. The device takes it over when it is back online.',
            color: 'green',
          });
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <ConfigOutcome device={device} />
        {JSON.stringify(device.door) !== JSON.stringify(base) && !update.isPending && (
          <ChangedElsewhere onReload={() => start(device.door)} />
        )}
        <Radio.Group
          label="Policy"
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
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
          {fields.map(({ key, label, description, step, decimals, suffix }) => (
            <NumberField
              key={key}
              label={label}
              description={description}
              step={step}
              decimalScale={decimals}
              suffix={suffix}
              disabled={!may}
              value={draft[key]}
              onChange={(value) => setDraft({ ...draft, [key]: value })}
              error={problems.get(key)}
            />
          ))}
        </SimpleGrid>
        <DoorRulesFields
          rules={draft.rules}
          onChange={(rules) => setDraft({ ...draft, rules })}
          problems={problems}
          disabled={!may}
        />
        {cautions.length > 0 && (
          <Alert color="yellow" title="Allowed, and less safe" role="status">
            <List size="sm">
              {cautions.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {update.error && <ErrorNote title="Not saved" error={update.error} />}
        {may && (
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={update.isPending} disabled={!policy}>
              Save the door policy
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

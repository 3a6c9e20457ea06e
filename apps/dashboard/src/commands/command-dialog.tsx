import type { CommandName, CommandView, DeviceView } from '@latchkey/contracts';
import { Button, Group, Image, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { commandPictureAddress } from '../api-client.ts';
import { PersonSelect } from '../people/person-select.tsx';
import { ErrorNote } from '../shell/list-states.tsx';
import { useCommands, useGiveCommand } from './command-queries.ts';
import { CommandStateBadge } from './command-state.tsx';
import { callOf, commandSentence, commandWarnings, commandWords, isUnderWay } from './command-words.ts';

/** How long the door looks for the person. */
const identifyForS = 15;

interface CommandDialogProps {
  readonly device: DeviceView;
  readonly name: CommandName;
  readonly onClose: () => void;
}

/** Says what a command does before it is given, and what became of it afterwards. */
export function CommandDialog({ device, name, onClose }: CommandDialogProps) {
  const [given, setGiven] = useState<CommandView | null>(null);
  const { data: commands = [] } = useCommands(device.id);
  const newest = given && (commands.find(({ id }) => id === given.id) ?? given);
  return (
    <Modal opened onClose={onClose} title={`${commandWords[name]}: ${device.name}`}>
      {newest ? (
        <CommandOutcome command={newest} onClose={onClose} />
      ) : (
        <CommandQuestion device={device} name={name} onGiven={setGiven} onClose={onClose} />
      )}
    </Modal>
  );
}

function CommandQuestion({
  device,
  name,
  onGiven,
  onClose,
}: CommandDialogProps & { onGiven: (c: CommandView) => void }) {
  const [personId, setPersonId] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const give = useGiveCommand(device.id);
  const call = callOf(name, personId, identifyForS);
  const isSure = name !== 'wipe' || typed === device.id;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (call && isSure) give.mutate(call, { onSuccess: onGiven });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">{commandWarnings[name]}</Text>
        {name === 'identify' && (
          <PersonSelect label="Who it should be" placeholder="Part of a name" value={personId} onChange={setPersonId} />
        )}
        {name === 'wipe' && (
          <TextInput
            label={`Type ${device.id} to confirm`}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            autoComplete="off"
          />
        )}
        {!device.online && (
          <Text size="sm" fw={600}>
            The device is offline. The command waits for it{name === 'wipe' ? ' for 90 days' : ' for a minute'}.
          </Text>
        )}
        {give.error && <ErrorNote title="Not given" error={give.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            type="submit"
            color={name === 'wipe' ? 'red.9' : undefined}
            loading={give.isPending}
            disabled={!call || !isSure}
          >
            {commandWords[name]}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What became of a command, as it becomes known. */
function CommandOutcome({ command, onClose }: { command: CommandView; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Stack gap="xs" align="flex-start" role="status">
        <CommandStateBadge state={command.state} />
        {!isUnderWay(command) && <Text size="sm">{commandSentence(command)}</Text>}
        {command.hasPicture && (
          <Image
            src={commandPictureAddress(command.id)}
            alt="What the camera sees"
            radius="md"
            fit="contain"
            mah={420}
          />
        )}
      </Stack>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

import { type CommandName, type CommandView, commandNames, type DeviceView } from '@latchkey/contracts';
import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconCamera, IconDoor, IconEraser, IconFaceId, IconPower, IconRefresh } from '@tabler/icons-react';
import { type ComponentType, useState } from 'react';
import { commandPictureAddress } from '../api-client.ts';
import { useMay } from '../session/permissions.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { RelativeTime } from '../shell/relative-time.tsx';
import { CommandDialog } from './command-dialog.tsx';
import { useCommands } from './command-queries.ts';
import { CommandStateBadge } from './command-state.tsx';
import { canBeGiven, commandSentence, commandWords, isUnderWay } from './command-words.ts';
import classes from './commands.module.css';

const icons: Readonly<Record<CommandName, ComponentType<{ size?: number; 'aria-hidden'?: boolean }>>> = {
  'open-door': IconDoor,
  identify: IconFaceId,
  restart: IconPower,
  resync: IconRefresh,
  snapshot: IconCamera,
  wipe: IconEraser,
};

/** What a device can be told to do, and what it was told lately. */
export function CommandPanel({ device }: { device: DeviceView }) {
  const mayWipe = useMay('wipe-devices');
  const [asked, setAsked] = useState<CommandName | null>(null);
  const offered = commandNames.filter((name) => name !== 'wipe' || mayWipe);
  return (
    <>
      <Group gap="sm">
        {offered.map((name) => {
          const Icon = icons[name];
          return (
            <Button
              key={name}
              variant={name === 'open-door' ? 'filled' : 'default'}
              c={name === 'wipe' ? 'var(--mantine-color-error)' : undefined}
              leftSection={<Icon size={18} aria-hidden />}
              disabled={!canBeGiven(name, device.online)}
              onClick={() => setAsked(name)}
            >
              {commandWords[name]}
            </Button>
          );
        })}
      </Group>
      {!device.online && (
        <Text size="sm" className="lk-soft" mt="sm">
          The device is offline: its door can not be opened from here.
        </Text>
      )}
      <LatestCommands deviceId={device.id} />
      {asked !== null && <CommandDialog device={device} name={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function LatestCommands({ deviceId }: { deviceId: string }) {
  const { data: commands, error } = useCommands(deviceId);
  if (error) return <ErrorNote title="Its latest commands could not be loaded" error={error} />;
  if (!commands || commands.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Latest commands">
      {commands.map((command) => (
        <LatestCommand key={command.id} command={command} />
      ))}
    </ul>
  );
}

function LatestCommand({ command }: { command: CommandView }) {
  return (
    <li className={classes.command}>
      <span className={classes.what}>{commandWords[command.call.name]}</span>
      <CommandStateBadge state={command.state} />
      <Text size="sm" className={`${classes.sentence} lk-soft`} component="span">
        {!isUnderWay(command) && commandSentence(command)}{' '}
        {command.hasPicture && (
          <Anchor href={commandPictureAddress(command.id)} target="_blank" rel="noreferrer" size="sm">
            Show the picture
          </Anchor>
        )}
      </Text>
      <Text size="sm" className={`${classes.who} lk-soft`} component="span">
        {command.by ?? 'removed account'}, <RelativeTime at={command.createdAt} />
      </Text>
    </li>
  );
}

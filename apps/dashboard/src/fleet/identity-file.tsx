import type { AgentIdentity } from '@latchkey/contracts';
import { Alert, Button, Code, CopyButton, Group, List, Stack } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './fleet.module.css';

/** The identity file of a new device, with copy and download. It holds the device's password. */
export function IdentityFile({ identity, onClose }: { identity: AgentIdentity; onClose: () => void }) {
  const text = `${JSON.stringify(identity, null, 2)}\n`;
  const [taken, setTaken] = useState(false);
  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title="Shown only once">
        The file holds the device's password. Central keeps no copy that can be read again; if it is lost, give the
        device a new one.
      </Alert>
      <Code block className={classes.identity} aria-label="Identity file" tabIndex={0}>
        {text}
      </Code>
      <Group gap="sm">
        <Button
          leftSection={<IconDownload size={18} aria-hidden />}
          onClick={() => {
            download('agent.json', text);
            setTaken(true);
          }}
        >
          Download agent.json
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={() => {
                copy();
                setTaken(true);
              }}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <List size="sm" type="ordered" spacing={4}>
        <List.Item>
          Put the file as <Code>agent.json</Code> into a folder of its own on the machine with the camera, readable by
          the agent's user alone (mode 0600).
        </List.Item>
        <List.Item>
          Start the agent there with <Code>latchkey agent run</Code>, <Code>LATCHKEY_AGENT_DIR</Code> set to that folder
          and <Code>LATCHKEY_CAMERA</Code> to its camera.
        </List.Item>
        <List.Item>The device appears as online in the fleet within seconds.</List.Item>
      </List>
      <Group justify="flex-end">
        <Button variant={taken ? 'filled' : 'default'} onClick={onClose}>
          {taken ? 'Done' : 'Close without saving the file'}
        </Button>
      </Group>
    </Stack>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

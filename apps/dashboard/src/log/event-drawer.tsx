import type { EventView } from '@latchkey/contracts';
import { Anchor, Button, Code, CopyButton, DataList, Drawer, Group, List, Stack, Text } from '@mantine/core';
import { IconCheck, IconLink, IconUserPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { exactTime } from '../shell/formats.ts';
import { DecisionBadge } from './decision-badge.tsx';
import { DistanceMeter } from './distance-meter.tsx';
import { EventPicture } from './event-picture.tsx';
import { eventSentences, eventTitle, isAboutFace, kindWords } from './event-text.ts';

interface EventDrawerProps {
  /** The event to show, null for none. */
  readonly event: EventView | null;
  readonly deviceName: string;
  /** Address that opens this event. */
  readonly link: string;
  readonly onClose: () => void;
  readonly onEnrol?: (event: EventView) => void;
}

/** Everything that is known of one event. */
export function EventDrawer({ event, deviceName, link, onClose, onEnrol }: EventDrawerProps) {
  return (
    <Drawer opened={event !== null} onClose={onClose} position="right" size="md" title="Event">
      {event && (
        <Stack gap="md">
          <Group wrap="nowrap" gap="md">
            <EventPicture event={event} size={96} />
            <Stack gap={4} miw={0}>
              <Text fw={650} size="lg" style={{ overflowWrap: 'anywhere' }}>
                {event.personId && event.personName ? (
                  <Anchor component={Link} to={`/people/${event.personId}`} inherit>
                    {event.personName}
                  </Anchor>
                ) : (
                  eventTitle(event)
                )}
              </Text>
              {event.decision && <DecisionBadge decision={event.decision} />}
              <DistanceMeter distance={event.distance} maxDistance={event.maxDistance} />
            </Stack>
          </Group>
          {eventSentences(event).length > 0 && (
            <List size="sm">
              {eventSentences(event).map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          )}
          <Group gap="sm">
            {event.enrollable && onEnrol && (
              <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => onEnrol(event)}>
                Enrol this face
              </Button>
            )}
            <CopyButton value={link}>
              {({ copied, copy }) => (
                <Button
                  variant="default"
                  leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconLink size={18} aria-hidden />}
                  onClick={copy}
                >
                  {copied ? 'Link copied' : 'Copy link'}
                </Button>
              )}
            </CopyButton>
          </Group>
          <EventFacts event={event} deviceName={deviceName} />
        </Stack>
      )}
    </Drawer>
  );
}

function EventFacts({ event, deviceName }: { event: EventView; deviceName: string }) {
  return (
    <DataList labelWidth="8.5rem" withDivider gap={6} size="sm">
      <Fact label="Kind">{kindWords[event.kind]}</Fact>
      <Fact label="Device">
        <Anchor component={Link} to={`/fleet/${event.deviceId}`} inherit underline="always">
          {deviceName}
        </Anchor>{' '}
        <span className="lk-soft">
          ({event.siteId} / {event.deviceId})
        </span>
      </Fact>
      <Fact label="Happened">{exactTime(event.occurredAt)}</Fact>
      <Fact label="Received">{exactTime(event.receivedAt)}</Fact>
      <Fact label="Device clock">
        {event.clockTrusted ? 'trusted' : 'not trusted'}
        {event.clockOffsetMs !== null && `, ${event.clockOffsetMs} ms off`}
      </Fact>
      {isAboutFace(event) && <FaceFacts event={event} />}
      {event.body &&
        Object.entries(event.body).map(([key, value]) => (
          <Fact key={key} label={key} code>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </Fact>
        ))}
      <Fact label="Event id" code>
        {event.id}
      </Fact>
      <Fact label="Stream" code>
        {event.streamId}
      </Fact>
      {event.seq !== null && <Fact label="Number in stream">{event.seq}</Fact>}
    </DataList>
  );
}

function FaceFacts({ event }: { event: EventView }) {
  const { box } = event;
  return (
    <>
      <Fact label="Margin">{numberOr(event.margin, 3)}</Fact>
      <Fact label="Face quality">{event.quality === null ? 'not measured' : `${event.quality.toFixed(0)} of 100`}</Fact>
      <Fact label="Liveness">{event.liveness === null ? 'not measured' : event.liveness.toFixed(2)}</Fact>
      <Fact label="Gallery revision">{event.galleryRevision ?? '–'}</Fact>
      {event.claimedPersonId && (
        <Fact label="Claimed person" code>
          {event.claimedPersonId}
        </Fact>
      )}
      <Fact label="Face in the frame">
        {box
          ? `${Math.round(box.width)} × ${Math.round(box.height)} px at ${Math.round(box.x)}, ${Math.round(box.y)}`
          : '–'}
      </Fact>
      <Fact label="Model" code>
        {event.modelId ?? '–'}
      </Fact>
      <Fact label="Track" code>
        {event.trackId ?? '–'}
      </Fact>
      {event.snapshotId && (
        <Fact label="Snapshot" code>
          {event.snapshotId}
        </Fact>
      )}
    </>
  );
}

function Fact({ label, code, children }: { label: string; code?: boolean; children: ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel c="var(--lk-text-soft)">{label}</DataList.ItemLabel>
      <DataList.ItemValue style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
        {code ? (
          <Code bg="transparent" p={0}>
            {children}
          </Code>
        ) : (
          children
        )}
      </DataList.ItemValue>
    </DataList.Item>
  );
}

function numberOr(value: number | null, decimals: number): string {
  return value === null ? 'no other person' : value.toFixed(decimals);
}

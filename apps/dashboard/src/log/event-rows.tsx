import type { EventView } from '@latchkey/contracts';
import { useCallback, useState } from 'react';
import { useDeviceNames } from '../fleet/fleet-queries.ts';
import { useMay } from '../session/permissions.ts';
import { EnrolEventDialog } from './enrol-event-dialog.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventRow } from './event-row.tsx';
import classes from './log.module.css';

interface EventRowsProps {
  readonly events: readonly EventView[];
  readonly label: string;
  /** Which event's details are open, null for none. */
  readonly opened: EventView | null;
  readonly onOpen: (event: EventView | null) => void;
}

/** A list of events with their details and the dialog that enrols an unknown face. */
export function EventRows({ events, label, opened, onOpen }: EventRowsProps) {
  const deviceNames = useDeviceNames();
  const mayEnrol = useMay('change-people');
  const [enrolling, setEnrolling] = useState<EventView | null>(null);
  const nameOf = (event: EventView) => deviceNames.get(event.deviceId) ?? event.deviceId;
  const open = useCallback((event: EventView) => onOpen(event), [onOpen]);
  const enrol = useCallback((event: EventView) => setEnrolling(event), []);
  return (
    <>
      <ol className={classes.rows} aria-label={label}>
        {events.map((event) => (
          <EventRow
            key={event.id}
            event={event}
            deviceName={nameOf(event)}
            onOpen={open}
            onEnrol={mayEnrol ? enrol : undefined}
          />
        ))}
      </ol>
      <EventDrawer
        event={opened}
        deviceName={opened ? nameOf(opened) : ''}
        link={opened ? eventLink(opened) : ''}
        onClose={() => onOpen(null)}
        onEnrol={mayEnrol ? enrol : undefined}
      />
      <EnrolEventDialog event={enrolling} onClose={() => setEnrolling(null)} />
    </>
  );
}

/** An address that opens the log at this event. */
function eventLink(event: EventView): string {
  return `${window.location.origin}/log?event=${event.id}`;
}

import type { EventView } from '@latchkey/contracts';
import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { clockTime, dayUnlessToday, exactTime } from '../shell/formats.ts';
import { useNow } from '../shell/use-now.ts';
import { DecisionBadge } from './decision-badge.tsx';
import { DistanceMeter } from './distance-meter.tsx';
import { EventPicture } from './event-picture.tsx';
import { eventSentences, eventTitle } from './event-text.ts';
import classes from './log.module.css';

/** Events that central received this short a time ago are marked for a moment when they appear. */
const freshMs = 3_000;

interface EventRowProps {
  readonly event: EventView;
  readonly deviceName: string;
  readonly onOpen: (event: EventView) => void;
  /** Left out where nobody may enrol. */
  readonly onEnrol?: (event: EventView) => void;
}

/** One event in the log; the whole of it opens the details. */
export const EventRow = memo(function EventRow({ event, deviceName, onOpen, onEnrol }: EventRowProps) {
  const title = eventTitle(event);
  const [fresh] = useState(() => Date.now() - Date.parse(event.receivedAt) < freshMs);
  return (
    <li
      className={classes.row}
      data-fresh={fresh}
      data-event={event.id}
      data-kind={event.kind}
      data-decision={event.decision ?? ''}
    >
      <EventPicture event={event} />
      <div className={classes.who}>
        <button type="button" className={classes.title} onClick={() => onOpen(event)} aria-haspopup="dialog">
          {title}
        </button>
        <p className={classes.reasons}>{eventSentences(event).join(' ')}</p>
      </div>
      <div className={classes.outcome}>{event.decision && <DecisionBadge decision={event.decision} />}</div>
      <div className={classes.measure}>
        <DistanceMeter distance={event.distance} maxDistance={event.maxDistance} />
      </div>
      <div className={classes.meta}>
        <EventTime at={event.occurredAt} />
        <span className={classes.where}>{deviceName}</span>
      </div>
      <div className={classes.action}>
        {event.enrollable && onEnrol && (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={() => onEnrol(event)}
          >
            Enrol this face
          </Button>
        )}
      </div>
    </li>
  );
});

function EventTime({ at }: { at: string }) {
  const day = dayUnlessToday(at, useNow());
  return (
    <time className={classes.when} dateTime={at} title={exactTime(at)}>
      {day && <span className="lk-soft">{day} </span>}
      {clockTime(at)}
    </time>
  );
}

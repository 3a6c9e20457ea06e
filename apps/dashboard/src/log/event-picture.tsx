import type { EventKind, EventView } from '@latchkey/contracts';
import {
  IconActivityHeartbeat,
  IconAlertTriangle,
  IconDoor,
  IconFaceId,
  IconStackPop,
  IconUserQuestion,
} from '@tabler/icons-react';
import { useState } from 'react';
import classes from './log.module.css';

const icons = {
  verification: IconFaceId,
  recognition: IconFaceId,
  unknown: IconUserQuestion,
  spoof: IconAlertTriangle,
  door: IconDoor,
  health: IconActivityHeartbeat,
  tamper: IconAlertTriangle,
  dropped: IconStackPop,
} as const satisfies Record<EventKind, unknown>;

/** The face of an event, or a sign of its kind where there is no picture. */
export function EventPicture({ event, size = 52 }: { event: EventView; size?: number }) {
  const [failed, setFailed] = useState(false);
  if (event.thumbnailUrl !== null && !failed) {
    return (
      <img
        className={classes.picture}
        src={event.thumbnailUrl}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        decoding="async"
        onError={() => setFailed(true)}
      />
    );
  }
  const Icon = icons[event.kind];
  return (
    <span className={classes.pictureSign} style={{ width: size, height: size }}>
      <Icon size={size * 0.5} stroke={1.5} aria-hidden />
    </span>
  );
}

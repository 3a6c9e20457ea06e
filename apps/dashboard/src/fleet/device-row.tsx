import type { DeviceView } from '@latchkey/contracts';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { counted } from '../shell/formats.ts';
import { RelativeTime } from '../shell/relative-time.tsx';
import classes from './fleet.module.css';
import { GalleryRevision } from './gallery-revision.tsx';
import { ConfigStateLabel, OnlineLabel } from './state-labels.tsx';

/** One device in the list of the fleet; the whole of it leads to its page. */
export function DeviceRow({ device }: { device: DeviceView }) {
  const { telemetry } = device;
  return (
    <li className={classes.device}>
      <div className={classes.deviceHead}>
        <div className={classes.deviceName}>
          <Link to={`/fleet/${device.id}`} className={classes.deviceLink}>
            {device.name}
          </Link>
          <Text size="xs" className="lk-soft">
            {device.siteId} / {device.id}
          </Text>
        </div>
        <div className={classes.deviceSeen}>
          <OnlineLabel online={device.online} />
          <Text size="xs" className="lk-soft">
            {device.lastSeenAt ? (
              <>
                seen <RelativeTime at={device.lastSeenAt} />
              </>
            ) : (
              'never seen'
            )}
          </Text>
        </div>
      </div>
      <dl className={classes.facts}>
        <Fact label="Gallery revisions" wide>
          {device.galleries.length === 0
            ? 'in no group'
            : device.galleries.map((gallery) => <GalleryRevision key={gallery.groupId} gallery={gallery} />)}
        </Fact>
        <Fact label="Configuration">
          <ConfigStateLabel device={device} />
        </Fact>
        <Fact label="Engine">{device.engine ?? '–'}</Fact>
        <Fact label="Frames/s">{telemetry ? telemetry.framesPerSecond.toFixed(1) : '–'}</Fact>
        <Fact label="Not yet sent">{telemetry ? counted(telemetry.outboxPending, 'event') : '–'}</Fact>
      </dl>
    </li>
  );
}

function Fact({ label, wide, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes.fact} data-wide={wide}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import type { EventView } from '@latchkey/contracts';
import { Button, Center, Text } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { useDeviceNames } from '../fleet/fleet-queries.ts';
import { ErrorNote, ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { EventAnnouncer } from './event-announcer.tsx';
import { type EventFilter, filterFromSearch, isEmptyFilter, withFilter } from './event-filter.ts';
import { EventRows } from './event-rows.tsx';
import { LogFilters } from './log-filters.tsx';
import { StreamControls } from './stream-controls.tsx';
import { type EventLog, useEventLog } from './use-event-log.ts';
import { useOpenedEvent } from './use-opened-event.ts';

/** What devices saw and decided, as it happens and as far back as the log goes. Filters and the open event stand in the address. */
export function LogPage() {
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => filterFromSearch(search), [search]);
  const log = useEventLog(filter);
  const deviceNames = useDeviceNames();
  const { shown } = log.list;
  const newest = shown[0];
  const opened = useOpenedEvent(shown, search.get('event'));

  const setFilter = (next: EventFilter) => setSearch((old) => withFilter(old, next), { replace: true });
  const open = useCallback(
    (event: EventView | null) =>
      setSearch(
        (old) => {
          const next = new URLSearchParams(old);
          if (event) next.set('event', event.id);
          else next.delete('event');
          return next;
        },
        { preventScrollReset: true, replace: event === null },
      ),
    [setSearch],
  );

  return (
    <>
      <PageHeader
        title="Live log"
        summary="What the doors see and decide, newest first."
        actions={<StreamControls log={log} />}
      />
      <LogFilters filter={filter} onChange={setFilter} />
      <EventAnnouncer event={newest} deviceName={newest ? (deviceNames.get(newest.deviceId) ?? newest.deviceId) : ''} />
      {log.error !== null && shown.length > 0 && (
        <ErrorNote title="The newest events could not be read" error={log.error} />
      )}
      {shown.length > 0 ? (
        <EventRows events={shown} label="Events" opened={opened} onOpen={open} />
      ) : (
        <NoEvents log={log} filter={filter} onClear={() => setFilter({})} />
      )}
      {shown.length > 0 && <Older log={log} />}
    </>
  );
}

function NoEvents({ log, filter, onClear }: { log: EventLog; filter: EventFilter; onClear: () => void }) {
  if (log.loading) return <LoadingState rows={6} height={76} />;
  if (log.error !== null) return <ErrorState error={log.error} onRetry={log.reload} />;
  const icon = <IconListDetails aria-hidden />;
  if (!isEmptyFilter(filter)) {
    return (
      <NothingHere
        icon={icon}
        title="No events match these filters"
        action={
          <Button variant="light" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        New ones that match appear here by themselves.
      </NothingHere>
    );
  }
  return (
    <NothingHere
      icon={icon}
      title="Nothing has happened yet"
      action={
        <Button variant="light" component={Link} to="/fleet">
          See the fleet
        </Button>
      }
    >
      As soon as a device sees a face, its event appears here. If none comes, look whether a device is online.
    </NothingHere>
  );
}

function Older({ log }: { log: EventLog }) {
  const { list, loadingOlder, olderError, loadOlder } = log;
  const oldest = list.shown.at(-1);
  if (list.cut && oldest) {
    return (
      <Center mt="lg">
        <Text size="sm" className="lk-soft" ta="center">
          The newest {list.shown.length} events are shown.{' '}
          <Link to={`/log?${new URLSearchParams({ to: oldest.occurredAt })}`}>Show those before them</Link>
        </Text>
      </Center>
    );
  }
  return (
    <Center mt="lg" style={{ flexDirection: 'column', gap: '0.75rem' }}>
      {olderError !== null && <ErrorNote title="Older events could not be read" error={olderError} />}
      {list.nextCursor === null ? (
        <Text size="sm" className="lk-soft">
          This is where the log begins.
        </Text>
      ) : (
        <Button variant="default" loading={loadingOlder} onClick={loadOlder}>
          Load older events
        </Button>
      )}
    </Center>
  );
}

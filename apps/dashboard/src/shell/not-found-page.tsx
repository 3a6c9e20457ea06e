import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { NothingHere } from './list-states.tsx';
import { PageHeader } from './page-header.tsx';

/** An address that is no page. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Not found" />
      <NothingHere
        icon={<IconMapQuestion aria-hidden />}
        title="There is no such page"
        action={
          <Button component={Link} to="/log" variant="light">
            To the live log
          </Button>
        }
      >
        The address may be mistyped, or what it led to was removed.
      </NothingHere>
    </>
  );
}

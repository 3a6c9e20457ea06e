import { Anchor, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import classes from './shell.module.css';
import { usePageTitle } from './use-page-title.ts';

interface PageHeaderProps {
  readonly title: string;
  /** A line below the title. */
  readonly summary?: ReactNode;
  /** Where the page belongs to, as a link above the title. */
  readonly parent?: { readonly to: string; readonly label: string };
  /** Buttons on the right. */
  readonly actions?: ReactNode;
}

/** Title, summary and actions at the top of a page; names the browser's tab too. */
export function PageHeader({ title, summary, parent, actions }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <header className={classes.pageHeader}>
      <div className={classes.pageHeading}>
        {parent && (
          <Anchor component={Link} to={parent.to} size="sm" className={classes.parentLink}>
            <IconArrowLeft size={14} aria-hidden /> {parent.label}
          </Anchor>
        )}
        <Title order={1}>{title}</Title>
        {summary && <div className={classes.summary}>{summary}</div>}
      </div>
      {actions && <div className={classes.pageActions}>{actions}</div>}
    </header>
  );
}

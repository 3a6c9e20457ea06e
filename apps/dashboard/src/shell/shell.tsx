import { AppShell, Burger, Group, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router-dom';
import { HealthIndicator } from './health-indicator.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import { PasswordBanner } from './password-banner.tsx';
import { SchemeToggle } from './scheme-toggle.tsx';
import classes from './shell.module.css';

/** Header, navigation and the place of the page. On narrow screens the navigation opens from the header. */
export function Shell() {
  const [opened, navigation] = useDisclosure(false);
  const { pathname } = useLocation();
  const content = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    navigation.close();
    // Keyboards and screen readers go on where the new page begins.
    content.current?.focus({ preventScroll: true });
  }, [pathname, navigation.close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      classNames={{ main: classes.main, header: classes.header, navbar: classes.navbar }}
    >
      <AppShell.Header>
        <a href="#content" className={classes.skip}>
          Skip to the content
        </a>
        <Group h="100%" px="md" gap="xs" wrap="nowrap" justify="space-between">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={navigation.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close the menu' : 'Open the menu'}
              aria-expanded={opened}
            />
            <Link to="/" className={classes.home}>
              <Logo />
              <VisuallyHidden>: first page</VisuallyHidden>
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <HealthIndicator />
            <SchemeToggle />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} ref={content}>
        <PasswordBanner />
        <Outlet />
      </AppShell.Main>
      <ScrollRestoration getKey={({ pathname: path }) => path} />
    </AppShell>
  );
}
